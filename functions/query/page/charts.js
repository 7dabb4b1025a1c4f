// Charts of distributions: interactive ones by Plotly, which is fetched when the first one is shown, and plain SVG.

import { h, s } from './dom.js';
import { percent, t } from './i18n.js';

const SCORES = Array.from({ length: 10 }, (_, i) => i + 1);
const HEIGHT = 230;

let loading = null;

function plotly() {
  loading ??= new Promise((take, fail) => {
    const script = h('script', { src: 'page/plotly.min.js' });
    script.onload = () => take(window.Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      fail(new Error('Plotly.js could not be loaded'));
    };
    document.head.append(script);
  });
  return loading;
}

/**
 * A figure with the distributions of one head; `series` are `{name, score, colour}`, where colour names a CSS variable.
 * It begins as plain SVG and becomes interactive when Plotly is there.
 */
export function distributions(head, series) {
  const summary = series.map(({ name, score }) =>
    t('chartOf', name, score.mean.toFixed(2), score.std.toFixed(2)),
  );
  const place = h('div', { class: 'plot', role: 'img', 'aria-label': summary.join('; ') }, plain(series));
  const figure = h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, series.length === 1 ? summary[0] : head),
    place,
    h('details', {}, h('summary', {}, t('asTable')), table(series)),
  );
  draw(place, series).catch(() => figure.append(h('p', { class: 'hint' }, t('chartFailed'))));
  return figure;
}

async function draw(place, series) {
  const Plotly = await plotly();
  if (!place.isConnected) return; // closed while it was loading
  const style = getComputedStyle(place);
  const colour = (name) => style.getPropertyValue(name).trim();
  const font = { family: style.fontFamily, size: 12, color: colour('--muted') };
  place.replaceChildren();
  await Plotly.newPlot(
    place,
    series.map(({ name, score, colour: variable }) => ({
      type: 'bar',
      name,
      x: SCORES,
      y: score.distribution,
      marker: { color: colour(variable), cornerradius: 3 },
      hovertemplate: `${t('chartHover')}<extra>${series.length > 1 ? escaped(name) : ''}</extra>`,
    })),
    {
      height: HEIGHT,
      margin: { l: 36, r: 8, t: 8, b: 28 },
      paper_bgcolor: 'transparent',
      plot_bgcolor: 'transparent',
      font,
      bargap: 0.22,
      showlegend: false,
      dragmode: false,
      xaxis: { dtick: 1, fixedrange: true, range: [0.4, 10.6] },
      yaxis: { tickformat: '.0%', fixedrange: true, gridcolor: colour('--line'), rangemode: 'tozero', nticks: 5 },
      shapes: series.flatMap(({ score, colour: variable }) => marks(score, colour(variable))),
      hoverlabel: { font: { family: style.fontFamily } },
    },
    { displayModeBar: false, responsive: true },
  );
}

/** Plotly reads a little markup in names. */
const escaped = (name) => name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function marks(score, color) {
  const vertical = { yref: 'paper', y0: 0, y1: 1 };
  return [
    {
      ...vertical,
      type: 'rect',
      x0: score.mean - score.std,
      x1: score.mean + score.std,
      fillcolor: color,
      opacity: 0.1,
      line: { width: 0 },
      layer: 'below',
    },
    { ...vertical, type: 'line', x0: score.mean, x1: score.mean, line: { color, width: 2, dash: 'dot' } },
  ];
}

/** The same without a library, for print and while Plotly is under way. */
export function plain(series) {
  const [width, height, foot] = [440, 190, 22];
  const top = Math.max(...series.flatMap(({ score }) => score.distribution));
  const step = width / 10;
  const bar = (step * 0.78) / series.length;
  const x = (value) => (value - 0.5) * step;
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
        const tall = ((height - foot - 16) * share) / top;
        return s('rect', {
          x: x(i + 1) + bar * (index - series.length / 2),
          y: height - foot - tall,
          width: bar,
          height: tall,
          rx: 2,
          fill: `var(${colour})`,
        });
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
    SCORES.map((value) => s('text', { x: x(value), y: height - 5, 'text-anchor': 'middle' }, String(value))),
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
          series.map(({ score }) => h('td', {}, percent(score.distribution[i], 1))),
        ),
      ),
    ),
  );
}
