'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const app = document.getElementById('app');
  const pictures = data.pictures.map((picture, place) => ({ ...picture, place }));
  const STEP = 60;
  const FACT = /{(\w+)(?::[^}]*)?}/g;
  const COLUMNS = ['picture', 'name', 'stars', 'composite', 'technical', 'aesthetic', 'percentile', 'verdict', 'group', 'defects', 'taken'];
  const state = { language: data.language, view: 'table', sort: 'composite', down: true, text: '', stars: '', verdict: '', kind: '', defect: '' };
  let shown = pictures;
  let rest = () => {};
  let counter;

  const words = () => data.words[state.language];
  const t = (name, facts = {}) => words().texts[name].replace(FACT, (_, fact) => facts[fact]);
  const starsOf = (count) => '★'.repeat(Math.floor(count)) + (count % 1 ? '½' : '');
  const two = (number) => number.toFixed(2);

  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, '');
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return element;
  }

  /** Shows things in a place: those that are seen first at once, further ones as they come near, all of them to be printed. */
  function fill(place, things, make) {
    place.ending?.disconnect();
    let done = 0;
    const end = h('div', { class: 'end', 'aria-hidden': 'true' });
    const holder = place.tagName === 'TBODY' ? place.closest('.scroll') : place;
    const more = (count) => {
      place.append(...things.slice(done, done + count).map(make));
      done += count;
      if (done >= things.length) { place.ending.disconnect(); end.remove(); }
    };
    place.ending = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(STEP), { rootMargin: '1200px' });
    place.replaceChildren();
    holder.parentElement?.querySelector(':scope > .end')?.remove();
    holder.after(end);
    place.ending.observe(end);
    rest = () => more(things.length);
    more(STEP);
  }

  window.addEventListener('beforeprint', () => rest());

  const image = (picture, side) =>
    h('img', { src: `data:image/jpeg;base64,${picture.image}`, alt: '', loading: 'lazy', decoding: 'async', width: side, height: side });
  const opener = (picture, ...children) => h('button', { class: 'open', type: 'button', onclick: () => details(picture) }, ...children);
  const verdict = (picture) => h('span', { class: `verdict ${picture.verdict}` }, words().verdicts[picture.verdict]);

  const VALUES = {
    picture: (p) => p.place,
    name: (p) => p.name,
    technical: (p) => p.heads.technical.mean,
    aesthetic: (p) => p.heads.aesthetic.mean,
    verdict: (p) => data.verdicts.indexOf(p.verdict),
    group: (p) => p.group * 10000 + p.rank,
    defects: (p) => p.defects.length,
  };
  const value = (name, picture) => (VALUES[name] ? VALUES[name](picture) : picture[name]);

  function cells(picture) {
    return [
      h('td', {}, opener(picture, image(picture, 64))),
      h('th', { scope: 'row' }, opener(picture, picture.name)),
      h('td', { class: 'stars' }, starsOf(picture.stars)),
      ...[picture.composite, picture.heads.technical.mean, picture.heads.aesthetic.mean].map((one) => h('td', { class: 'number' }, two(one))),
      h('td', { class: 'number' }, Math.floor(picture.percentile)),
      h('td', {}, verdict(picture)),
      h('td', {}, `${picture.group}`, h('small', {}, words().groups[picture.kind])),
      h('td', {}, picture.defects.map((code) => words().defects[code]).join(', ')),
      h('td', { class: 'number' }, picture.taken),
    ];
  }

  const title = (name) => words().heads[name] ?? t(name);

  function table() {
    const heads = COLUMNS.map((name) => {
      const sorted = state.sort === name ? (state.down ? 'descending' : 'ascending') : null;
      return h('th', { scope: 'col', 'aria-sort': sorted }, h('button', { type: 'button', 'data-sort': name, onclick: () => sortBy(name) }, title(name)));
    });
    const known = new Map();
    const row = (picture) => {
      if (!known.has(picture)) known.set(picture, h('tr', {}, cells(picture)));
      return known.get(picture);
    };
    const body = h('tbody');
    const made = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('table') }, h('table', {}, h('thead', {}, h('tr', {}, heads)), body));
    return { made, fill: () => fill(body, shown, row) };
  }

  function groups() {
    const made = h('div', { class: 'groups' });
    return {
      made,
      fill() {
        const numbers = new Map();
        for (const picture of shown) numbers.set(picture.group, [...(numbers.get(picture.group) ?? []), picture]);
        const all = [...numbers.values()].map((inside) => inside.sort((one, other) => one.rank - other.rank));
        const together = all.filter((inside) => sizes.get(inside[0].group) > 1);
        const alone = all.filter((inside) => sizes.get(inside[0].group) === 1).flat();
        const parts = [...together, ...(alone.length ? [alone] : [])];
        const name = (inside) => (inside === alone ? words().groups[inside[0].kind] : `${inside[0].group}. ${words().groups[inside[0].kind]}`);
        fill(made, parts, (inside) => h('section', {}, h('h2', {}, name(inside)), h('div', { class: 'frames' }, inside.map(frame))));
      },
    };
  }

  function frame(picture) {
    const why = picture.why[state.language].map((one) => h('li', {}, one));
    return h('figure', { class: picture.verdict }, opener(picture, image(picture, 160)), h('figcaption', {}, h('b', {}, picture.name), h('span', { class: 'stars' }, starsOf(picture.stars)), verdict(picture), h('ul', {}, why)));
  }

  function sheet() {
    const made = h('div', { class: 'sheet' });
    const one = (picture) => h('figure', {}, opener(picture, image(picture, 160)), h('figcaption', {}, picture.name, h('span', {}, `${starsOf(picture.stars)} `, words().verdicts[picture.verdict])));
    return { made, fill: () => fill(made, shown, one) };
  }

  const sizes = new Map();
  for (const picture of pictures) sizes.set(picture.group, (sizes.get(picture.group) ?? 0) + 1);

  const VIEWS = { table, groups, sheet };
  let view;

  function sortBy(name) {
    state.down = state.sort === name ? !state.down : name !== 'name' && name !== 'taken' && name !== 'group' && name !== 'picture';
    state.sort = name;
    for (const button of app.querySelectorAll('[data-sort]')) {
      const chosen = button.dataset.sort === name;
      if (chosen) button.parentElement.setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else button.parentElement.removeAttribute('aria-sort');
    }
    update();
  }

  function fits(picture) {
    const text = state.text.toLowerCase();
    return (
      (!state.stars || picture.stars >= Number(state.stars)) &&
      (!state.verdict || picture.verdict === state.verdict) &&
      (!state.kind || picture.kind === state.kind) &&
      (!state.defect || (state.defect === 'none' ? !picture.defects.length : picture.defects.includes(state.defect))) &&
      (!text || `${picture.name} ${picture.why[state.language].join(' ')} ${picture.said[state.language].join(' ')}`.toLowerCase().includes(text))
    );
  }

  function update() {
    const sign = state.down ? -1 : 1;
    shown = pictures.filter(fits).sort((one, other) => {
      const [a, b] = [value(state.sort, one), value(state.sort, other)];
      return a < b ? -sign : a > b ? sign : one.place - other.place;
    });
    view.fill();
    counter.textContent = t('shown', { shown: shown.length, all: pictures.length });
  }

  function choice(name, label, options) {
    const select = h('select', { id: name, 'aria-label': label, onchange: (event) => { state[name] = event.target.value; update(); } },
      options.map(([code, text]) => h('option', { value: code, selected: state[name] === code }, text)));
    return select;
  }

  function tools() {
    const kinds = [...new Set(pictures.map((p) => p.kind))];
    const defects = [...new Set(pictures.flatMap((p) => p.defects))].sort();
    const search = h('input', { type: 'search', id: 'text', placeholder: t('search'), 'aria-label': t('search'), value: state.text, oninput: (event) => { state.text = event.target.value; update(); } });
    counter = h('output', { 'aria-live': 'polite' });
    return h('div', { class: 'tools' },
      h('div', { role: 'group' }, Object.keys(VIEWS).map((name) => h('button', { type: 'button', 'aria-pressed': String(state.view === name), onclick: () => { state.view = name; draw(); } }, t(name)))),
      search,
      choice('stars', t('stars'), [['', t('anyStars')], ...['4.5', '4', '3', '2', '1'].map((count) => [count, t('fromStars', { stars: count })])]),
      choice('verdict', t('verdict'), [['', t('anyVerdict')], ...data.verdicts.map((code) => [code, words().verdicts[code]])]),
      choice('kind', t('group'), [['', t('anyKind')], ...kinds.map((code) => [code, words().groups[code]])]),
      choice('defect', t('defects'), [['', t('anyDefect')], ['none', t('noDefect')], ...defects.map((code) => [code, words().defects[code]])]),
      counter,
      h('button', { type: 'button', onclick: () => { state.view = 'sheet'; draw(); window.print(); } }, t('print')),
      h('button', { type: 'button', id: 'language', lang: state.language === 'en' ? 'zh-CN' : 'en', onclick: () => { state.language = state.language === 'en' ? 'zh-CN' : 'en'; draw(); } }, t('language')));
  }

  function plot(place, head, score) {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    Plotly.newPlot(place,
      [{ type: 'bar', x: score.distribution.map((_, index) => index + 1), y: score.distribution, marker: { color: colour('--bar') }, hovertemplate: '%{x}: %{y:.1%}<extra></extra>' }],
      {
        height: 180, margin: { l: 44, r: 8, t: 8, b: 36 }, paper_bgcolor: 'transparent', plot_bgcolor: 'transparent', bargap: 0.2, dragmode: false,
        font: { color: colour('--text'), size: 11, family: 'system-ui, sans-serif' },
        xaxis: { title: { text: t('score') }, dtick: 1, fixedrange: true, range: [0.4, 10.6] },
        yaxis: { title: { text: t('probability') }, tickformat: '.0%', fixedrange: true, gridcolor: colour('--line'), nticks: 4, rangemode: 'tozero' },
        shapes: [{ type: 'line', x0: score.mean, x1: score.mean, yref: 'paper', y0: 0, y1: 1, line: { color: colour('--text'), width: 1, dash: 'dot' } }],
      },
      { displayModeBar: false, responsive: true });
  }

  function details(picture) {
    const plots = Object.entries(picture.heads).map(([head, score]) => {
      const place = h('div', { class: 'plot', role: 'img', 'aria-label': t('of', { head: words().heads[head], mean: two(score.mean), std: two(score.std) }) });
      return { place, head, score };
    });
    const dialog = h('dialog', { 'aria-label': picture.name, onclose: () => dialog.remove() },
      h('form', { method: 'dialog' }, h('button', { class: 'close', 'aria-label': t('close') }, '×')),
      h('div', { class: 'whole' }, image(picture, 192),
        h('div', {}, h('h2', {}, picture.name), h('p', { class: 'stars' }, starsOf(picture.stars)),
          h('p', {}, `${t('composite')} ${two(picture.composite)}, ${t('better', { share: Math.floor(picture.percentile) })}`),
          h('p', {}, `${t('size', { width: picture.size[0], height: picture.size[1] })}${picture.taken ? ` · ${picture.taken}` : ''}`),
          h('p', {}, verdict(picture), ` ${picture.group}. ${words().groups[picture.kind]}`))),
      h('h3', {}, t('why')), h('ul', {}, picture.why[state.language].map((one) => h('li', {}, one))),
      picture.said[state.language].length ? [h('h3', {}, t('defects')), h('ul', {}, picture.said[state.language].map((one) => h('li', {}, one)))] : null,
      plots.map(({ place, head, score }) => [h('h3', {}, t('of', { head: words().heads[head], mean: two(score.mean), std: two(score.std) })), place]));
    app.append(dialog);
    dialog.showModal();
    for (const { place, head, score } of plots) plot(place, head, score);
  }

  function draw() {
    document.documentElement.lang = state.language;
    document.title = t('title', { name: data.title, count: data.counts.count });
    view = VIEWS[state.view]();
    const refused = data.refused.length
      ? h('section', { class: 'refused' }, h('h2', {}, t('refusedTitle')), h('ul', {}, data.refused.map((one) => h('li', {}, h('b', {}, one.name), ` ${one.code}: ${one.said[state.language]}`))))
      : null;
    app.replaceChildren(
      h('header', {}, h('h1', {}, document.title), h('p', {}, t('lead', data.counts))),
      tools(), h('main', {}, view.made), ...(refused ? [refused] : []),
      h('footer', {}, t('madeBy', { model: data.model, style: words().styles[data.style], date: data.date, version: data.version })));
    update();
  }

  draw();
})();
