// Pictures that the server has already: which of them to show first, and what is known of each.

import * as api from './api.js';

/** Most pictures that are fetched; a ranking of more is for the API. */
export const MOST = 300;

/** The ids of the collections to open with: the one in the page's address, else those that the server names. */
export function wanted(settings) {
  const asked = new URLSearchParams(location.search).get('collection');
  return asked ? [asked] : settings.collections;
}

/** The keys of the pictures of some collections, those without scores too, each once. */
export async function keysOf(ids) {
  const keys = new Set();
  for (const id of ids) {
    try {
      let cursor = null;
      do {
        const page = await api.ranking(id, cursor);
        for (const { key, duplicates } of page.entries) for (const one of [key, ...duplicates]) keys.add(one);
        for (const { key } of page.rejected) keys.add(key);
        ({ cursor } = page);
      } while (cursor && keys.size <= MOST);
    } catch (refusal) {
      // One of several that has nothing left takes no other with it.
      if (ids.length === 1 || refusal.code !== 'not_found') throw refusal;
    }
  }
  return [...keys];
}

/** `{found, url}`: the document of a picture, and the URL of a small view of it where it has one. */
export async function look(key) {
  const found = await api.stored(key);
  return { found, url: found.status === 'scored' ? await view(key) : null };
}

async function view(key) {
  try {
    return URL.createObjectURL(await api.thumbnail(key));
  } catch (refusal) {
    if (refusal.code !== 'not_found') throw refusal;
    return null; // which takes no score away
  }
}
