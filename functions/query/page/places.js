// Where pictures stand on the page: folders of one name stay apart, and what is there already does not come again.

const rootOf = (path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');

/**
 * Gives `{path, file, root}` pictures, those of one dropped folder with the same `root`, their places beside the items
 * `{path, home, key, file}` that are there: `path` is as it was dropped, `home` the name that its folder has here and
 * `key` the path within that. Returns `{fresh, known}`: the pictures with `home` and `key`, and how many were there.
 */
export async function place(pictures, items) {
  const placed = [];
  for (const group of groups(pictures)) {
    const there = [...items, ...placed];
    const root = rootOf(group[0].path);
    const found = root ? await folder(group, root, there) : await loose(group, there);
    placed.push(...found);
  }
  return { fresh: placed, known: pictures.length - placed.length };
}

function groups(pictures) {
  const found = new Map();
  for (const picture of pictures) {
    const name = JSON.stringify([picture.root, rootOf(picture.path)]);
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(picture);
  }
  return found.values();
}

/** A folder is one that is there if it has pictures of that and none that differ; else it has a home of its own. */
async function folder(group, root, there) {
  const homes = new Set(there.filter(({ path }) => rootOf(path) === root).map(({ home }) => home));
  for (const home of homes) {
    const before = new Map(there.filter((item) => item.home === home).map((item) => [item.path, item]));
    const fresh = group.filter(({ path }) => !before.has(path));
    const again = group.filter(({ path }) => before.has(path));
    const equal = await Promise.all(again.map(({ path, file }) => same(file, before.get(path).file)));
    if (again.length && equal.every(Boolean)) return housed(fresh, root, home);
  }
  return housed(group, root, free(root, new Set(there.map(({ key }) => rootOf(key)))));
}

const housed = (group, root, home) =>
  group.map((picture) => ({ ...picture, home, key: home + picture.path.slice(root.length) }));

/** Pictures outside folders: each is one that is there, or has a name of its own. */
async function loose(group, there) {
  const placed = [];
  for (const picture of group) {
    const others = [...there, ...placed];
    const rivals = others.filter(({ path }) => path === picture.path);
    const equal = await Promise.all(rivals.map(({ file }) => same(picture.file, file)));
    const key = free(picture.path, new Set(others.map((other) => other.key)));
    if (!equal.some(Boolean)) placed.push({ ...picture, home: '', key });
  }
  return placed;
}

/** A name that is not taken: `shoe`, then `shoe (2)`. */
function free(name, taken) {
  let found = name;
  for (let i = 2; taken.has(found); i += 1) found = `${name} (${i})`;
  return found;
}

/** Whether two files have the same bytes; those of one size only are read. */
async function same(one, other) {
  if (!one || !other || one.size !== other.size) return false;
  try {
    const [a, b] = await Promise.all([one, other].map(async (file) => new Uint8Array(await file.arrayBuffer())));
    return a.every((byte, i) => byte === b[i]);
  } catch {
    return false; // one of them has gone since; sending it will say so
  }
}
