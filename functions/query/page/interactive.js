// Charts that answer to the pointer, by Plotly, which is fetched when the first one is shown.

import { SCORES, chart } from './charts.js';
import { h } from './dom.js';
import { t } from './words.js';

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

/** The figure of `chart`, which becomes interactive when Plotly is there. */
export function distributions(head, series) {
  const figure = chart(head, series);
  draw(figure.querySelector('.plot'), series).catch(() => figure.append(h('p', { class: 'hint' }, t('chartFailed'))));
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
      hovertemplate: `${t('chartHover', { x: '%{x}', y: '%{y:.1%}' })}<extra>${series.length > 1 ? escaped(name) : ''}</extra>`,
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
