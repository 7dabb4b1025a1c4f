// Pictures out of what was dropped or chosen, and small views of them.

// Which formats there are, the server says: `types` are extensions by media type, `raw` those of camera RAW.

const SIDE = 480;

const extensionOf = (path) => /\.[^./]*$/.exec(path)?.[0].toLowerCase();
const typeOf = (path, { types }) => Object.keys(types).find((type) => types[type].includes(extensionOf(path)));

/** The `accept` of file choosers. */
export const accept = ({ types }) => ['image/*', ...Object.values(types).flat()].join();

/** What a file is sent as: browsers do not know every type, and the server tells it from the content anyway. */
export const mediaType = (file, formats) => (file.type in formats.types ? file.type : (typeOf(file.name, formats) ?? 'image/jpeg'));

/** Splits files into pictures, each with a path that names it, and the paths of others. What is hidden, or in a hidden folder, counts as neither. */
export function sort(files, formats) {
  const seen = files.filter(({ path }) => !/(^|\/)\./.test(path));
  const pictures = seen.filter(({ file }) => file.type in formats.types || typeOf(file.name, formats));
  pictures.sort((one, other) => one.path.localeCompare(other.path, undefined, { numeric: true }));
  return { pictures, skipped: seen.filter((one) => !pictures.includes(one)).map(({ path }) => path) };
}

/** Whether a path is that of a camera's raw file. */
export const isRaw = (path, { raw }) => raw.includes(extensionOf(path));

/** The files of a file chooser, with their paths in the chosen folder. */
export const chosen = (input) =>
  [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** The files of a drop, those in dropped folders too, each with the number of what it was dropped in. */
export async function dropped(transfer) {
  // The list of items is emptied once the event is over, so entries and files are taken out at once.
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const roots = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = await Promise.all(
    roots.filter(Boolean).map((root) => (root instanceof File ? [{ file: root, path: root.name }] : walk(root))),
  );
  return found.flatMap((files, root) => files.map((one) => ({ ...one, root })));
}

async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, '');
  try {
    return entry.isFile ? [{ file: await new Promise((take, fail) => entry.file(take, fail)), path }] : await inside(entry);
  } catch {
    // What cannot be read is counted like what is no picture, or refused as one that is empty.
    return [{ file: new File([], entry.name), path }];
  }
}

async function inside(folder) {
  const reader = folder.createReader();
  const found = [];
  // A reader gives at most a hundred entries at once, and none at the end.
  for (let some; (some = await new Promise((take, fail) => reader.readEntries(take, fail))).length; ) {
    for (const child of some) found.push(...(await walk(child)));
  }
  return found;
}

/** The URL of a small JPEG of a picture; null where the browser cannot read its format. */
export async function thumbnail(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = Object.assign(document.createElement('canvas'), {
      width: Math.max(1, Math.round(bitmap.width * scale)),
      height: Math.max(1, Math.round(bitmap.height * scale)),
    });
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((take) => canvas.toBlob(take, 'image/jpeg', 0.85));
    return blob && URL.createObjectURL(blob);
  } catch {
    return null;
  }
}
