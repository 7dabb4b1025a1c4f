// The page's language: Simplified Chinese where the browser prefers any Chinese, else English.

import english from './messages/en.js';

let messages = english;

/** Loads the messages and puts those into the page that stand in its markup. */
export async function loadMessages(languages = navigator.languages) {
  const chosen = languages.map((language) => language.toLowerCase()).find((language) => /^(en|zh)\b/.test(language));
  if (chosen?.startsWith('zh')) messages = (await import('./messages/zh-CN.js')).default;
  document.documentElement.lang = messages.language;
  document.title = messages.title;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
}

/** A message by name, with what it is about. */
export function t(name, ...facts) {
  const message = messages[name];
  return typeof message === 'function' ? message(...facts) : message;
}

/** A word for a code of a family (band, deduction, trait, …); the code itself where there is none. */
export const word = (family, code) => messages[family][code] ?? code.replaceAll('_', ' ');

/** The sentence for something measured: the server's own in English, else the translation of its code. */
export function sentence(family, fact) {
  const translated = messages[family]?.[fact.code];
  if (!translated) return fact.message;
  return typeof translated === 'function' ? translated(fact) : translated;
}

/** A share 0..1 in whole percent. */
export const percent = (share, digits = 0) =>
  new Intl.NumberFormat(messages.language, { style: 'percent', maximumFractionDigits: digits }).format(share);

/** A size in bytes, in MB or, below one, in KB. */
export const sizeOf = (bytes) =>
  bytes < 2 ** 20 ? `${Math.max(1, Math.round(bytes / 2 ** 10))} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
