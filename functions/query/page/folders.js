// The rankings on the page: each folder has its own, with a recommended picture and its candidates in order.

import { card, recommendation } from './card.js';
import { glide, h, replace } from './dom.js';
import { t } from './words.js';
import { rank } from './ranking.js';

/** The folder of a path; empty where it has none. */
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** The last name of a path. */
export const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1);

/** The ranking of each folder of some candidates, with its `folder`, in the order of the folders' names. */
export function rankings(candidates, style, settings, strict) {
  const inside = new Map();
  for (const candidate of candidates) {
    if (!inside.has(candidate.folder)) inside.set(candidate.folder, []);
    inside.get(candidate.folder).push(candidate);
  }
  const folders = [...inside.keys()].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  return folders.map((folder) => ({ folder, ...rank(inside.get(folder), style, settings, strict) }));
}

/**
 * Shows rankings, each in a section of its own that stays the same element from one drawing to the next.
 * `context` has what cards need, and `busy` tells whether a folder's pictures are still being scored.
 */
export function drawRankings(container, shown, context) {
  const before = new Map([...container.children].map((section) => [section.dataset.folder, section]));
  const sections = shown.map((ranking) => {
    const section = before.get(ranking.folder) ?? blank(ranking.folder);
    drawRanking(section, ranking, { ...context, titled: shown.length > 1 || ranking.folder !== '' });
    return section;
  });
  for (const section of before.values()) if (!sections.includes(section)) section.remove();
  // Those that are there stand in order already, and what is not moved keeps the focus.
  sections.forEach((section, i) => container.children[i] !== section && container.insertBefore(section, container.children[i] ?? null));
}

const blank = (folder) =>
  h('section', { class: 'folder', 'data-folder': folder }, h('h2', {}), h('div'), h('ol', { class: 'cards' }));

function drawRanking(section, { folder, ...ranking }, { titled, busy, compared, ...context }) {
  const { entries, recommended } = ranking;
  const [title, best, cards] = section.children;
  title.textContent = folder || t('noFolder');
  title.hidden = !titled;
  if (titled) section.setAttribute('aria-label', title.textContent);
  else section.removeAttribute('aria-label');
  // Half a list has a first place that means nothing yet.
  const first = busy(folder) ? null : recommended?.entry;
  replace(best, busy(folder) ? [] : recommendation(ranking, context));
  glide(cards, () =>
    replace(
      cards,
      entries.map((entry) => card(entry, { ...context, compared: compared.includes(entry.candidate), first: entry === first })),
    ),
  );
}
