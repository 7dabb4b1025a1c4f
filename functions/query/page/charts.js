// Charts of distributions as plain SVG, and as tables.

import { h, s } from './dom.js';
import { formatted } from './numbers.js';
import { t } from './words.js';

export const SCORES = Array.from({ length: 10 }, (_, i) => i + 1);

/**
 * A figure with the distributions of one head; `series` are `{name, score, colour}`, where colour names a CSS variable.
 */
export function chart(head, series) {
  const summary = series.map(({ name, score: { mean, std } }) => t('chartOf', { head: name, mean, std }));
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, series.length === 1 ? summary[0] : head),
    h('div', { class: 'plot', role: 'img', 'aria-label': summary.join('; ') }, bars(series)),
    h('details', {}, h('summary', {}, t('asTable')), table(series)),
  );
}

function bars(series) {
  const [width, height, foot, head] = [440, 190, 22, 16];
  const top = Math.max(...series.flatMap(({ score }) => score.distribution));
  const step = width / 10;
  const bar = (step * 0.78) / series.length;
  const x = (value) => (value - 0.5) * step;
  const text = (value, y, label) => s('text', { x: x(value), y, 'text-anchor': 'middle' }, label);
  return s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'plain', 'aria-hidden': 'true' },
    series.map(({ score, colour }, index) => [
      s('rect', {
        x: x(score.mean - score.std),
        width: 2 * score.std * step,
        height: height - foot,
        fill: `var(${colour})`,
        opacity: 0.1,
      }),
      score.distribution.map((share, i) => {
        const tall = ((height - foot - head) * share) / top;
        return [
          s('rect', {
            x: x(i + 1) + bar * (index - series.length / 2),
            y: height - foot - tall,
            width: bar,
            height: tall,
            rx: 2,
            fill: `var(${colour})`,
          }),
          series.length === 1 && text(i + 1, height - foot - tall - 4, formatted(share, '.0%')),
        ];
      }),
      s('line', {
        x1: x(score.mean),
        x2: x(score.mean),
        y2: height - foot,
        stroke: `var(${colour})`,
        'stroke-width': 2,
        'stroke-dasharray': '2 3',
      }),
    ]),
    SCORES.map((value) => text(value, height - 5, String(value))),
  );
}

function table(series) {
  return h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, t('scoreColumn')),
        series.map(({ name }) => h('th', { scope: 'col' }, series.length > 1 ? name : t('probability'))),
      ),
    ),
    h(
      'tbody',
      {},
      SCORES.map((value, i) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, String(value)),
          series.map(({ score }) => h('td', {}, formatted(score.distribution[i], '.1%'))),
        ),
      ),
    ),
  );
}
