// The printable report, in a tab of its own.

import { h } from './dom.js';
import { sheet } from './sheet.js';
import { t } from './words.js';

/** Opens the report of a candidate. */
export async function openReport(candidate, composite) {
  const tab = window.open('', '_blank'); // while the click lasts, or it counts as an unwanted window
  try {
    const blob = await build(candidate, composite);
    if (!tab) throw new Error('the browser opens no windows');
    tab.location.replace(URL.createObjectURL(blob));
  } catch (error) {
    tab?.close();
    throw error;
  }
}

async function build(candidate, composite) {
  const { document: scored, key: name } = candidate;
  const url = candidate.url ?? (await candidate.fetchView?.());
  const paper = document.implementation.createHTMLDocument(`${t('reportTitle')}: ${name}`);
  paper.documentElement.lang = document.documentElement.lang;
  const style = await (await fetch('page/style.css')).text();
  paper.head.prepend(h('meta', { charset: 'utf-8' }));
  paper.head.append(
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('style', {}, style),
    h('script', { src: new URL('page/print.js', document.baseURI), defer: true }),
  );
  paper.body.className = 'report wrap';
  paper.body.append(sheet(scored, name, url && (await inline(url)), composite));
  return new Blob(['<!doctype html>', paper.documentElement.outerHTML], { type: 'text/html' });
}

/** A picture as a data URL, so that a saved report keeps it. */
async function inline(url) {
  const blob = await (await fetch(url)).blob();
  return new Promise((take) => {
    const reader = new FileReader();
    reader.onload = () => take(reader.result);
    reader.readAsDataURL(blob);
  });
}
