// The report of one picture: what the server's file shows, and what the page opens of pictures that the server lacks.

import { adviceSheet } from './advice.js';
import { chart } from './charts.js';
import { h } from './dom.js';
import { mapSheet } from './maps.js';
import { columns, habits, headsOf, meters, section, standing, verdict } from './parts.js';
import { sentence, t, word } from './words.js';

/** The report of a result document under a name; `src` is the picture's URL or null, `composite` by which style. */
export const sheet = (scored, name, src, composite = scored.composite) =>
  h(
    'main',
    {},
    h(
      'header',
      {},
      h('h1', { class: 'hint' }, t('reportTitle')),
      h('h2', {}, name),
      h('button', { type: 'button', class: 'print', hidden: true }, t('print')),
    ),
    h(
      'div',
      { class: 'summary' },
      src && h('img', { class: 'poster', src, alt: name }),
      scored.error ? refusal(scored.error) : h('div', {}, verdict(composite), styled(composite), meters(scored), standing(scored)),
    ),
    !scored.error && [
      section(
        t('distributions'),
        h(
          'div',
          { class: 'charts' },
          headsOf(scored).map((one) => chart(one.name, [one])),
        ),
      ),
      mapSheet(scored, name, src),
      adviceSheet(scored),
      columns(scored, null, composite),
    ],
  );

function styled(composite) {
  const [weights, ...others] = habits(composite);
  const lines = [t('styleOf', { style: word('styles', composite.style), weights }), ...others];
  return lines.map((line) => h('p', { class: 'hint' }, line));
}

const refusal = (error) =>
  h('div', {}, h('p', { class: 'score' }, t('refusedTitle')), h('p', {}, sentence('errors', error)), h('p', { class: 'hint' }, error.code));
