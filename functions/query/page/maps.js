// Where in a picture it lies: maps over it, as plain SVG.

import { h, s } from './dom.js';
import { section } from './parts.js';
import { codes, onMap, t, word } from './words.js';

const FOUND = 0.5; // a reason that is fainter everywhere, and costs no points, is found nowhere
const FAINT = 0.02; // what nobody would see
const LEAST_SPAN = 0.02; // points; a score that differs less from place to place is shown that evenly
const OPACITY = 0.65;

const ROWS = ['top', '', 'bottom'];
const COLUMNS = ['left', '', 'right'];

let groups = 0;

/** The maps of a document, each with its places and their strengths: -1..1 of a score, against the average place, else 0..1. */
const mapsOf = ({ maps, deductions }) =>
  Object.entries(maps).map(([name, map]) => {
    const { values, box, exact, codes: shows } = map;
    const score = codes('heads').includes(name);
    const all = values.flat();
    const middle = score ? all.reduce((sum, value) => sum + value, 0) / all.length : 0;
    const span = score ? Math.max(LEAST_SPAN, ...all.map((value) => Math.abs(value - middle))) : 1;
    const places = values.flatMap((row, y) =>
      row.map((value, x) => ({ strength: (value - middle) / span, ...part(box, x / row.length, y / values.length, 1 / row.length, 1 / values.length) })),
    );
    const found = score || Math.max(...all) >= FOUND || deductions.some(({ code }) => shows.includes(code));
    return { name, score, places, found, title: word('maps', name), text: onMap(name, exact) };
  });

/** A place of a map's box as far as the picture has it, in shares of the picture. */
function part([left, top, right, bottom], x, y, wide, tall) {
  const [x0, x1] = [x, x + wide].map((share) => within(left + share * (right - left)));
  const [y0, y1] = [y, y + tall].map((share) => within(top + share * (bottom - top)));
  return { x0, y0, x1, y1 };
}

const within = (share) => Math.min(1, Math.max(0, share));

/** What lies over the picture; its letterbox is that of `object-fit: contain`. */
function overlay({ score, places, title, ...map }, { width, height }, name) {
  const colour = (strength) => (!score ? '--marks' : strength > 0 ? '--raises' : '--lowers');
  return s(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': t('mapOf', { map: title, name, most: most({ score, places, ...map }) }),
      'shape-rendering': 'crispEdges',
    },
    places
      .filter(({ strength, x0, x1, y0, y1 }) => Math.abs(strength) > FAINT && x1 > x0 && y1 > y0)
      .map(({ strength, x0, x1, y0, y1 }) =>
        s('rect', {
          x: x0 * width,
          y: y0 * height,
          width: (x1 - x0) * width,
          height: (y1 - y0) * height,
          fill: `var(${colour(strength)})`,
          'fill-opacity': (OPACITY * Math.abs(strength)).toFixed(3),
        }),
      ),
  );
}

/** In words where it is most. */
function most({ score, places }) {
  const seen = places.filter(({ x0, x1, y0, y1 }) => x1 > x0 && y1 > y0);
  const where = (sign) => {
    const { x0, x1, y0, y1 } = seen.reduce((one, other) => (sign * other.strength > sign * one.strength ? other : one));
    const third = (low, high) => Math.min(2, Math.floor(((low + high) / 2) * 3));
    return word('places', [ROWS[third(y0, y1)], COLUMNS[third(x0, x1)]].filter(Boolean).join('_') || 'middle');
  };
  return score ? t('mapsBoth', { best: where(1), worst: where(-1) }) : t('mapsMost', { place: where(1) });
}

const sentences = (map) => [map.text, most(map)].map((text) => h('p', {}, text));

/** Which reasons were found nowhere. */
function free(maps) {
  const names = maps.filter(({ found }) => !found).map(({ title }) => title);
  return names.length > 0 && h('p', { class: 'hint' }, t('mapsFree', { names: names.join(t('separator')) }));
}

/** Every map that shows something over a small picture, for paper; `src` is the picture's URL. */
export function mapSheet(document, name, src) {
  if (!document.maps || !src) return null;
  const maps = mapsOf(document);
  return section(
    t('mapsTitle'),
    h(
      'div',
      { class: 'maps' },
      maps
        .filter(({ found }) => found)
        .map((map) =>
          h(
            'figure',
            {},
            h('div', { class: 'mapped' }, h('img', { class: 'poster', src, alt: '' }), overlay(map, document.image, name)),
            h('figcaption', {}, h('strong', {}, map.title), sentences(map)),
          ),
        ),
    ),
    free(maps),
  );
}

/**
 * A section that lays one map after the other over a picture, which lies in the element `place`. `ask` resolves with the
 * document that has the maps, for which it is asked when somebody wants to see them; `refused` says why there are none.
 */
export function mapChooser(document, name, place, { ask, refused }) {
  const host = h('div', {});
  const said = h('div', { class: 'said', role: 'status' });
  const choose = (image, map) => {
    place.querySelector('svg')?.remove();
    if (map) place.append(overlay(map, image, name));
    said.replaceChildren(...(map ? sentences(map) : []));
  };
  const offer = (known) => {
    const maps = mapsOf(known);
    const group = `maps-${(groups += 1)}`;
    const choice = (map) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name: group, value: map?.name ?? '', checked: !map, onchange: () => choose(known.image, map) }),
        h('span', {}, map?.title ?? t('mapsNone')),
      );
    host.replaceChildren(
      h(
        'fieldset',
        { class: 'styles' },
        h('legend', {}, t('mapsShow')),
        h('div', { class: 'segments' }, choice(null), maps.filter(({ found }) => found).map(choice)),
      ),
      ...[free(maps)].filter(Boolean),
    );
  };
  const look = async ({ currentTarget: button }) => {
    button.disabled = true;
    said.textContent = t('mapsMaking');
    try {
      offer(await ask());
      said.textContent = '';
      host.querySelector('input').focus();
    } catch (refusal) {
      button.disabled = false;
      said.textContent = refused(refusal);
    }
  };
  if (document.maps) offer(document);
  else host.append(h('button', { type: 'button', onclick: look }, t('mapsAsk')));
  return section(t('mapsTitle'), host, said);
}
