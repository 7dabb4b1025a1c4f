// The order of candidates, as the server ranks them (nima.document.composite and nima.catalogue.ranking), so that a change
// of style needs no new request. Pure: numbers come in `settings`, from the server.

import { fixed } from './numbers.js';

export const CUSTOM = 'custom';
export const DIVISIVE = 'divisive';

const round4 = (value) => Number(fixed(value, 4));

/** Weights in the given proportion, which sum to 1. */
export function weightsOf(technical, aesthetic) {
  const share = (part) => Number((part / (technical + aesthetic)).toFixed(6));
  return { technical: share(technical), aesthetic: share(aesthetic) };
}

/** The composite of a result document in a style: `{name, weights, split}`. */
export function compose(document, style, settings) {
  const { technical, aesthetic } = document;
  const score = round4(style.weights.technical * technical.mean + style.weights.aesthetic * aesthetic.mean);
  const { stars, band } = settings.steps.find((step) => score >= step.least);
  const note = aesthetic.std >= settings.divisive_from ? (style.split ?? DIVISIVE) : null;
  return { style: style.name, weights: style.weights, score, stars, band, note };
}

/**
 * Ranks `{key, document}` candidates with unique keys.
 *
 * Near-duplicates join the best of their group. With `strict`, those that fail the marketplace policy come last and are
 * not recommended. Returns `entries` and `recommended`: `{entry, runnerUp, lead, among}` or null.
 */
export function rank(candidates, style, settings, strict = false) {
  const judged = candidates.map((candidate) => ({
    candidate,
    key: candidate.key,
    composite: compose(candidate.document, style, settings),
    passes: candidate.document.policies[settings.policy].pass,
  }));
  judged.sort(
    (one, other) =>
      (strict && one.passes !== other.passes ? (one.passes ? -1 : 1) : 0) ||
      other.composite.score - one.composite.score ||
      (one.composite.note === DIVISIVE) - (other.composite.note === DIVISIVE) ||
      byCodePoint(one.key, other.key),
  );
  const entries = [];
  for (const found of judged) {
    const phash = found.candidate.document.phash;
    const leader = entries.find((entry) => {
      const seen = entry.candidate.document.phash;
      return seen && phash && distance(seen, phash) <= settings.near_duplicate_bits;
    });
    if (leader) leader.duplicates.push(found.candidate);
    else entries.push({ ...found, rank: entries.length + 1, duplicates: [] });
  }
  return { entries, recommended: recommend(entries, strict) };
}

function recommend(entries, strict) {
  const [best, ...others] = entries;
  if (!best || (strict && !best.passes)) return null;
  const rivals = others.filter((entry) => !strict || entry.passes);
  const runnerUp = rivals[0] ?? null;
  const lead = runnerUp && round4(best.composite.score - runnerUp.composite.score);
  return { entry: best, runnerUp, lead, among: 1 + rivals.length };
}

/** How many bits differ between two hashes of 16 hexadecimal digits. */
export function distance(one, other) {
  let bits = BigInt(`0x${one}`) ^ BigInt(`0x${other}`);
  let count = 0;
  for (; bits; bits &= bits - 1n) count += 1;
  return count;
}

/** The order of Python's strings, which JavaScript's own has not beyond U+FFFF. */
function byCodePoint(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    if (a[i] !== b[i]) return a[i].codePointAt(0) - b[i].codePointAt(0);
  }
  return a.length - b.length;
}
