// The printable report. Stored pictures have one on the server; for the others it is made here.

import * as api from './api.js';
import { COLOURS, columns, meters, section, standing, verdict } from './parts.js';
import { plain } from './charts.js';
import { h } from './dom.js';
import { t } from './i18n.js';

/** Opens the report of a candidate in a tab of its own; rejects with a refusal where the server has none. */
export async function openReport(candidate, composite, { policy }) {
  const tab = window.open('', '_blank'); // while the click lasts, or it counts as an unwanted window
  try {
    const blob = candidate.stored ? await api.report(candidate.stored) : await build(candidate, composite, policy);
    if (!tab) throw new Error('the browser opens no windows');
    tab.location.replace(URL.createObjectURL(blob));
  } catch (error) {
    tab?.close();
    throw error;
  }
}

async function build(candidate, composite, policy) {
  const { document: scored, key: name, url } = candidate;
  const paper = document.implementation.createHTMLDocument(`${t('reportTitle')}: ${name}`);
  paper.documentElement.lang = document.documentElement.lang;
  const sheet = await (await fetch('page/style.css')).text();
  paper.head.prepend(h('meta', { charset: 'utf-8' }));
  paper.head.append(
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('style', {}, sheet),
    h('script', { src: new URL('page/print.js', document.baseURI), defer: true }),
  );
  paper.body.className = 'report wrap';
  const main = h(
    'main',
    {},
    h('header', {}, h('h1', { class: 'hint' }, t('reportTitle')), h('h2', {}, name), h('button', { type: 'button', class: 'print', hidden: true }, t('print'))),
    h(
      'div',
      { class: 'summary' },
      url ? h('img', { class: 'poster', src: await inline(url), alt: name }) : null,
      h('div', {}, verdict(composite), meters(scored), standing(scored)),
    ),
    section(
      t('distributions'),
      h(
        'div',
        { class: 'charts' },
        Object.entries(COLOURS).map(([head, colour]) => {
          const { mean, std } = scored[head];
          return h(
            'figure',
            { class: 'chart' },
            h('figcaption', {}, t('chartOf', t(head), mean.toFixed(2), std.toFixed(2))),
            plain([{ score: scored[head], colour }]),
          );
        }),
      ),
    ),
    columns(scored, policy, null),
  );
  paper.body.append(main);
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
