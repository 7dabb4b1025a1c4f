// Pictures out of what was dropped or chosen, and small views of them.

const TYPES = {
  'image/jpeg': /\.(jpe?g|jpe|jfif)$/i,
  'image/png': /\.png$/i,
  'image/webp': /\.webp$/i,
  'image/tiff': /\.tiff?$/i,
  'image/gif': /\.gif$/i,
  'image/bmp': /\.bmp$/i,
  'image/heic': /\.heic$/i,
  'image/heif': /\.(heif|hif)$/i,
  'image/avif': /\.avif$/i,
};
const RAW = /\.(3fr|arw|cr2|cr3|crw|dcr|dng|erf|iiq|kdc|mrw|nef|nrw|orf|pef|raf|raw|rw2|rwl|sr2|srf|srw|x3f)$/i;
const SIDE = 480;

/** The `accept` of file choosers. */
export const ACCEPT = 'image/*,.heic,.heif,.hif,.avif,.tif,.tiff';

/** What a file is sent as: browsers do not know every type, and the server tells it from the content anyway. */
export function mediaType(file) {
  if (file.type in TYPES) return file.type;
  return Object.keys(TYPES).find((type) => TYPES[type].test(file.name)) ?? 'image/jpeg';
}

/** Splits files into pictures, each with a path that names it, and the paths of others. What is hidden, or in a hidden folder, counts as neither. */
export function sort(files) {
  const seen = files.filter(({ path }) => !/(^|\/)\./.test(path));
  const pictures = seen.filter(
    ({ file }) => file.type in TYPES || Object.values(TYPES).some((names) => names.test(file.name)),
  );
  pictures.sort((one, other) => one.path.localeCompare(other.path, undefined, { numeric: true }));
  return { pictures, skipped: seen.filter((one) => !pictures.includes(one)).map(({ path }) => path) };
}

/** Whether a path is that of a camera's raw file. */
export const isRaw = (path) => RAW.test(path);

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
