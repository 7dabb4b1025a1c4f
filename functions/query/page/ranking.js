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

/** The composite of a result document in a style: `{name, weights, split, minds, not_judged}`. */
export function compose(document, style, settings) {
  const { technical, aesthetic, scale } = document;
  const score = round4(style.weights.technical * technical.mean + style.weights.aesthetic * aesthetic.mean);
  const { stars, band } = stepsOf(scale, style.weights, settings.steps).find((step) => score >= step.least);
  const note = aesthetic.std >= (scale ?? settings).divisive_from ? (style.split ?? DIVISIVE) : null;
  const { minds = [], not_judged = [] } = style;
  return { style: style.name, weights: style.weights, score, stars, band, note, scale: scale?.population ?? null, minds, not_judged };
}

/** Where stars begin for some weights, the most first: by the document's scale, or where it has none the server's. */
function stepsOf(scale, weights, steps) {
  if (!scale) return steps;
  const mean = weights.technical * scale.technical.mean + weights.aesthetic * scale.aesthetic.mean;
  const one = weights.technical * scale.technical.deviation;
  const other = weights.aesthetic * scale.aesthetic.deviation;
  const deviation = Math.sqrt(Math.max(0, one * one + other * other + 2 * scale.correlation * one * other));
  const leasts = scale.steps.map((step) => mean + step * deviation).reverse();
  return steps.map((step, place) => ({ ...step, least: leasts[place] ?? step.least }));
}

/**
 * Ranks `{key, document}` candidates with unique keys (nima.catalogue.order says how).
 *
 * With `strict`, those that fail the marketplace policy come last and are not recommended. Returns `entries` with their
 * `duplicates`, both with `tier`, `codes` and `composite`, `recommended`: `{entry, runnerUp, lead, preference, tied,
 * decided, beside, among}` or null, and the candidates that are `best` and `bestPassing` or null. `beside` says what
 * of their defects put all others, or those not clearly below it, after the best, or that its own nearly cost it the place.
 */
export function rank(candidates, style, settings, strict = false) {
  for (const candidate of candidates) candidate.document = inStyle(candidate.document, style);
  const groups = grouped(candidates, settings);
  const [freely, strictly] = [false, true].map((required) => arranged(groups, style, settings, required));
  const entries = strict ? strictly : freely;
  return {
    entries,
    recommended: recommend(entries, settings, strict),
    best: freely[0]?.candidate ?? null,
    bestPassing: strictly.find(({ passes }) => passes)?.candidate ?? null,
  };
}

const pixelsOf = ({ document: { image } }) => image.width * image.height;

/** The document with those of its deductions that count in a style, the sure ones first, and the others apart. */
function inStyle(document, { name }) {
  const counts = ({ style }) => !style || style === name;
  const { deductions, other_styles: others } = document;
  const more = others.filter(counts);
  if (!more.length && deductions.every(counts)) return document;
  const found = [...deductions, ...more];
  const ordered = more.length ? [true, false].flatMap((is) => found.filter((one) => one.sure === is)) : found;
  return {
    ...document,
    deductions: ordered.filter(counts),
    other_styles: [...deductions, ...others].filter((one) => !counts(one)),
  };
}

/** Near-duplicates together, each group around the largest picture of it. */
function grouped(candidates, { near_duplicate_bits: most }) {
  const largest = [...candidates].sort(
    (one, other) =>
      pixelsOf(other) - pixelsOf(one) || other.document.image.bytes - one.document.image.bytes || byCodePoint(one.key, other.key),
  );
  const groups = [];
  for (const candidate of largest) {
    const { phash } = candidate.document;
    const near = groups.find(([{ document }]) => document.phash && phash && distance(document.phash, phash) <= most);
    if (near) near.push(candidate);
    else groups.push([candidate]);
  }
  return groups;
}

/** The codes of a document's defects that are sure, and of the others those that the composite's style minds. */
export function weighty({ deductions }, { minds }) {
  const [sure, others] = [true, false].map((is) => deductions.filter((one) => one.sure === is).map(({ code }) => code));
  return { sure, minded: others.filter((code) => minds.includes(code)) };
}

function judged(candidate, style, settings, required) {
  const { document, key } = candidate;
  const { pass: passes, checks } = document.policies[settings.policy];
  const composite = compose(document, style, settings);
  const { sure, minded } = weighty(document, composite);
  const failed = required ? checks.filter((check) => !check.pass && check.level === 'required').map(({ code }) => code) : [];
  const tier = 1 + (sure.length + minded.length > 0) + 2 * (required && !passes);
  return { candidate, key, composite, passes, tier, sure, minded, codes: [...sure, ...minded, ...failed] };
}

function arranged(groups, style, settings, required) {
  const { margins } = settings;
  const inside = groups.map((group) => ordered(group.map((candidate) => judged(candidate, style, settings, required)), margins));
  const duplicates = new Map(inside.map(([best, ...others]) => [best.key, others]));
  const bestFirst = ordered(inside.map(([best]) => best), margins);
  return bestFirst.map((found, i) => ({ ...found, rank: i + 1, duplicates: duplicates.get(found.key) }));
}

/** What decides between candidates whose composites do not, the least first. */
const MERITS = ['reasons', 'pixels', 'score', 'divided'];

const merits = ({ candidate, composite }) => ({
  reasons: candidate.document.deductions.length,
  pixels: -pixelsOf(candidate),
  score: -composite.score,
  divided: Number(composite.note === DIVISIVE),
});

/** The first of `MERITS` in which two differ, and else their keys. */
const deciding = (one, other) => MERITS.find((name) => one[name] !== other[name]) ?? 'key';

const lead = (one, other) => round4(one.composite.score - other.composite.score);

const highestOf = (found) => found.reduce((best, one) => (one.composite.score > best.composite.score ? one : best));

const defective = ({ tier }) => tier % 2 === 0;

function ordered(found, { tied, outweighed }) {
  const tiers = new Map();
  for (const one of found) tiers.set(one.tier, [...(tiers.get(one.tier) ?? []), one]);
  const placed = [...tiers.values()].flatMap((tier) => {
    const highest = highestOf(tier);
    return tier.map((one) => {
      const close = lead(highest, one) < tied;
      const worth = round4((close ? highest : one).composite.score - outweighed * defective(one));
      return { one, close, worth, fails: one.tier > 2, merits: { ...merits(one), ...(close ? {} : { reasons: 0, pixels: 0 }) } };
    });
  });
  placed.sort((a, b) => {
    const name = deciding(a.merits, b.merits);
    return (
      a.fails - b.fails ||
      b.worth - a.worth ||
      a.one.tier - b.one.tier ||
      b.close - a.close ||
      (name === 'key' ? byCodePoint(a.one.key, b.one.key) : a.merits[name] - b.merits[name])
    );
  });
  return placed.map(({ one }) => one);
}

function recommend(entries, { margins }, strict) {
  const rivals = entries.filter((entry) => !strict || entry.passes);
  const [best, runnerUp = null] = rivals;
  if (!best) return null;
  const peers = rivals.filter(({ tier }) => tier === best.tier);
  const highest = highestOf(peers);
  const close = peers.filter((one) => lead(highest, one) < margins.tied);
  const tied = close.length > 1 ? close : [];
  const ahead = runnerUp && lead(best, runnerUp);
  const costs = runnerUp && defective(best) && !defective(runnerUp) ? margins.outweighed : 0;
  const preference = !runnerUp ? null : tied.length ? 'tied' : ahead - costs >= margins.clear ? 'clear' : 'slight';
  const despite = costs && preference === 'slight' ? 'despite' : null;
  const decided = tied.length ? deciding(merits(tied[0]), merits(tied[1])) : null;
  const defects = beside(best, rivals.slice(1), margins) ?? despite;
  return { entry: best, runnerUp, lead: ahead, preference, tied, decided, beside: defects, among: rivals.length };
}

function beside(best, others, margins) {
  const after = defective(best) ? [] : others.filter(defective);
  if (!after.length) return null;
  if (after.length === others.length) return others.every(({ sure }) => sure.length) ? 'sound' : 'unminded';
  return after.some((other) => lead(best, other) < margins.clear) ? 'outweighed' : null;
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
