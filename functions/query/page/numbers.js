// Numbers as text, by formats that nima.words names.

/** A number with some decimals, ties to even, as the server rounds. */
export function fixed(value, decimals) {
  // Only an odd multiple of this power of two lies exactly between two decimal numbers.
  const halves = value * 2 ** (decimals + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return value.toFixed(decimals);
  const below = Math.floor(value * 10 ** decimals);
  return ((below % 2 ? below + 1 : below) / 10 ** decimals).toFixed(decimals);
}

/** A number in a format: `.2f`, `.0%`, `g` or `down%`. */
export function formatted(value, format) {
  if (format === 'g') return String(Number(value.toPrecision(6)));
  if (format === 'down%') return `${Math.floor(value * 1000) / 10}%`;
  const [, decimals, kind] = /^\.(\d)([f%])$/.exec(format);
  return kind === '%' ? `${fixed(value * 100, Number(decimals))}%` : fixed(value, Number(decimals));
}

/** A size in bytes, in MB or, below one, in KB. */
export const sizeOf = (bytes) =>
  bytes < 2 ** 20 ? `${Math.max(1, Math.round(bytes / 2 ** 10))} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
