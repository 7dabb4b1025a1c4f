// The pictures on the page: what is known of each, and how it gets its scores.

import * as api from './api.js';
import { folderOf, nameOf } from './folders.js';
import { mediaType, thumbnail } from './pictures.js';
import { alone, whole } from './stored.js';

/** Requests that are made at once. */
export const AT_ONCE = 3;

/** An item of a placed picture: scored or refused where the server has it already, else waiting. */
export function itemOf({ path, home, key, file = null, stored = null, document = null, error = null }, id) {
  const item = {
    id,
    path,
    home,
    key,
    folder: folderOf(key),
    name: nameOf(key),
    file,
    full: null,
    url: null,
    fetchView: null,
    state: document ? 'scored' : error ? 'refused' : 'waiting',
    document,
    error,
    stored,
  };
  if (document) item.fetchView = once(() => fetchView(item));
  return item;
}

/** Lets go of what the browser keeps for an item. */
export function release({ url, full }) {
  for (const one of [url, full]) if (one) URL.revokeObjectURL(one);
}

/** Fetches what rankings do not tell of some items. */
export async function complete(items, settings) {
  const left = items.filter(({ document }) => document.partial);
  const fetching = async () => {
    for (let item; (item = left.shift()); ) item.document = await whole(item.stored, settings);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetching));
}

/** Has an item judged, which is scored or refused then; `progress` is called whenever it gets on. */
export async function judge(item, settings, visit, progress) {
  item.state = 'scoring';
  try {
    const found = await sent(item, settings, visit, progress);
    item.document = found.status === 'rejected' ? null : found;
    item.error = found.error ?? null;
  } catch (refusal) {
    if (!(refusal instanceof api.Refusal)) throw refusal;
    const { code, message, status } = refusal;
    item.error = { code, message, again: [0, 401, 403, 429].includes(status) || status >= 500 };
  }
  item.state = item.error ? 'refused' : 'scored';
}

/** The document of a scored item, with maps. */
export async function locate(item, settings) {
  const { maps } = await (item.stored ? api.locateStored(item.stored) : api.locate(item.file, mediaType(item.file, settings.formats)));
  item.document = { ...item.document, maps };
  return item.document;
}

/** The document of a scored item, with what would help it in a style. */
export async function advise(item, settings, { style, weights }) {
  const how = style === 'custom' ? { weights: `${weights.technical},${weights.aesthetic}` } : { style };
  const { advice, crops } = await (item.stored
    ? api.adviseStored(item.stored, how)
    : api.advise(item.file, mediaType(item.file, settings.formats), how));
  item.document = { ...item.document, advice, crops };
  return item.document;
}

/** The document of a file, which is sent. */
async function sent(item, settings, visit, progress) {
  item.url ??= await thumbnail(item.file);
  item.full ??= item.url && URL.createObjectURL(item.file);
  const type = mediaType(item.file, settings.formats);
  if (item.file.size <= settings.evaluate_max_bytes) return api.score(item.file, type);
  // Large pictures go through the bucket, where they stay; what else visitors sent is nothing to compare with.
  item.stored = `${settings.visits}${visit}/${item.key.replaceAll('${', '$')}`;
  const enter = (state) => {
    item.state = state;
    progress();
  };
  enter('sending');
  return alone(await api.store(item.file, type, item.stored, () => enter('scoring')));
}

/** A function that does something at most once. */
function once(act) {
  let result = null;
  return () => (result ??= act());
}

/** The URL of a stored picture's small view; null where there is none. */
async function fetchView(item) {
  try {
    item.url = URL.createObjectURL(await api.thumbnail(item.stored));
  } catch (refusal) {
    if (!(refusal instanceof api.Refusal)) throw refusal;
  }
  return item.url;
}
