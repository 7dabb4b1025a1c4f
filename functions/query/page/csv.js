// The ranking as CSV, as the server writes it (nima.catalogue.sheet): the best first, near-duplicates right after the
// picture that they belong to, at the end what has no scores.

import { fixed } from './numbers.js';
import { WEIGHED } from './parts.js';
import { codes } from './words.js';

const COLUMNS = ['filename', ...WEIGHED, 'composite', 'path', 'rank', 'group', 'stars', 'policy', 'deductions', 'error', 'tier', 'tier_codes'];
const MARK = '\ufeff'; // by which Excel knows UTF-8
// What spreadsheets calculate with, full-width signs too.
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * Text of the CSV for entries of a ranking and for refused items, `{key, error}`; `policy` is the name of the
 * marketplaces' rules.
 */
export function toCsv(entries, refused, policy) {
  const others = codes('heads').filter((head) => !WEIGHED.includes(head));
  const scored = entries.flatMap((entry) => {
    const group = text(entry.duplicates.length ? entry.candidate.key : '');
    return [entry, ...entry.duplicates].map(({ candidate, composite: { score, stars }, tier, codes: reasons }) => {
      const { key, document } = candidate;
      return [
        text(baseName(key)),
        ...[...WEIGHED.map((head) => document[head].mean), score].map((mean) => fixed(mean, 2)),
        text(key),
        entry.rank,
        group,
        stars,
        document.policies[policy].pass ? 'pass' : 'fail',
        document.deductions.map(({ code }) => code).join(' '),
        '',
        tier,
        reasons.join(' '),
        ...others.map((head) => (document[head] ? fixed(document[head].mean, 2) : '')),
      ];
    });
  });
  const nothing = others.map(() => '');
  const without = refused.map(({ key, error }) => [text(baseName(key)), '', '', '', text(key), '', '', '', '', '', error.code, '', '', ...nothing]);
  return MARK + [[...COLUMNS, ...others], ...scored, ...without].map((row) => row.map(quoted).join(',') + '\r\n').join('');
}

const baseName = (path) => path.slice(path.lastIndexOf('/') + 1);

/** A text that no spreadsheet takes for a formula. */
const text = (value) => (FORMULA.test(value) ? `'${value}` : value);

function quoted(value) {
  const cell = String(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Has the browser save a text under a name. */
export function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
