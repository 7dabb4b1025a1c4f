// The ranking as CSV: the best first, near-duplicates right after the picture they belong to.

import { fixed } from './ranking.js';

const COLUMNS = ['filename', 'technical', 'aesthetic', 'composite'];

/** Text of the CSV for entries of a ranking; `composite` gives a candidate's composite. */
export function toCsv(entries, composite) {
  const rows = entries
    .flatMap((entry) => [entry.candidate, ...entry.duplicates])
    .map((candidate) => {
      const { name, document } = candidate;
      const means = [document.technical.mean, document.aesthetic.mean, composite(candidate).score];
      return [name, ...means.map((mean) => fixed(mean, 2))];
    });
  return [COLUMNS, ...rows].map((row) => row.map(quoted).join(',') + '\n').join('');
}

const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Has the browser save a text under a name. */
export function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
