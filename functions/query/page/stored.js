// Pictures that the server has already: which of them to show first, and what is known of each.

import * as api from './api.js';
import { headsOf } from './parts.js';

/** Most pictures that are shown; a ranking of more is for the API. */
export const MOST = 300;

const counted = new Map();

/** The ids of the collections to open with: the one in the page's address, else those that the server names. */
export function wanted(settings) {
  const asked = new URLSearchParams(location.search).get('collection');
  return asked ? [asked] : settings.collections;
}

/**
 * `{stored, document, error}` of the pictures of some collections, each once. The document has what rankings tell, which
 * is enough to rank it: `partial` says so.
 */
export async function listed(ids, policy) {
  const found = new Map();
  for (const id of ids) {
    try {
      let cursor = null;
      do {
        const page = await api.ranking(id, cursor);
        for (const { copies, ...entry } of page.entries) {
          for (const one of [entry, ...copies]) found.set(one.key, { stored: one.key, document: part(one, policy), error: null });
        }
        for (const { key, error } of page.rejected) found.set(key, { stored: key, document: null, error });
        ({ cursor } = page);
      } while (cursor && found.size <= MOST);
    } catch (refusal) {
      // One of several that has nothing left takes no other with it.
      if (ids.length === 1 || refusal.code !== 'not_found') throw refusal;
    }
  }
  return [...found.values()];
}

function part({ confidence, policy: verdict, ...document }, policy) {
  const listed = { ...document, confidence: { level: confidence, reasons: [] }, policies: { [policy]: verdict } };
  return { ...alone(listed), partial: true };
}

/** The whole document of a stored picture. */
export async function whole(key, settings) {
  const document = await api.stored(key);
  return document.status === 'scored' && (await comparable(document.category, settings)) ? document : alone(document);
}

/** A document without where it stands in its category. */
export function alone(document) {
  const heads = headsOf(document).map(({ head, score }) => [
    head,
    { ...score, percentile: { ...score.percentile, catalogue: null } },
  ]);
  return { ...document, ...Object.fromEntries(heads) };
}

/** Whether a category has enough pictures for a place among them to say something. */
async function comparable(category, settings) {
  if (category === null) return false;
  if (!counted.has(category)) counted.set(category, api.stats(category).then(({ scored }) => scored, () => 0));
  return (await counted.get(category)) >= settings.least_compared;
}
