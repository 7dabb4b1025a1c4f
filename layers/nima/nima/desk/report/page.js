'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const app = document.getElementById('app');
  const pictures = data.pictures.map((picture, place) => ({ ...picture, place }));
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  [...pictures].sort((one, other) => compare(one.name, other.name)).forEach((picture, order) => Object.assign(picture, { order }));
  const FACT = /{(\w+)(?::[^}]*)?}/g;
  const COLUMNS = ['picture', 'name', 'verdict', 'stars', 'why', 'composite', 'technical', 'aesthetic', 'percentile', 'group', 'defects', 'taken']
    .filter((name) => name !== 'taken' || pictures.some((picture) => picture.taken));
  const NUMBERS = ['composite', 'technical', 'aesthetic', 'percentile'];
  const UPWARDS = ['picture', 'name', 'verdict', 'group', 'taken'];
  const state = { language: data.language, view: 'table', sort: 'verdict', down: false, text: '', stars: '', verdict: '', kind: '', defect: '' };
  let shown = pictures;
  let counter;
  let none;
  let view;

  const words = () => data.words[state.language];
  const t = (name, facts = {}) => words().texts[name].replace(FACT, (_, fact) => facts[fact]);
  const two = (number) => number.toFixed(2);

  const image = (picture, side, lazy = true) =>
    h('img', { src: `data:image/jpeg;base64,${picture.image}`, alt: '', loading: lazy ? 'lazy' : 'eager', decoding: 'async', width: side, height: side });
  const opener = (picture, attributes, ...children) => h('button', { class: 'open', type: 'button', onclick: () => enlarge(picture), ...attributes }, ...children);
  const verdict = (picture) => h('span', { class: `verdict ${picture.verdict}` }, words().verdicts[picture.verdict]);
  const stars = ({ stars: count }) =>
    h('span', { class: 'stars', role: 'img', 'aria-label': t('starred', { stars: count }) }, '★'.repeat(Math.floor(count)) + (count % 1 ? '½' : ''));
  const named = (picture) => h('span', { class: 'name', title: picture.name }, picture.name);
  const list = (sentences) => h('ul', {}, sentences.map((one) => h('li', {}, one)));
  const groupOf = (picture) => `${picture.group}. ${words().groups[picture.kind]}`;

  const VALUES = {
    picture: (p) => p.place,
    name: (p) => p.order,
    technical: (p) => p.heads.technical.mean,
    aesthetic: (p) => p.heads.aesthetic.mean,
    verdict: (p) => data.verdicts.indexOf(p.verdict),
    group: (p) => p.group * 10000 + p.rank,
    defects: (p) => p.defects.length,
  };
  const value = (name, picture) => (VALUES[name] ? VALUES[name](picture) : picture[name]);

  const CELLS = {
    // The name says the same, and is the one that is reached by keyboard and read out.
    picture: (p) => h('td', {}, opener(p, { tabindex: -1, 'aria-hidden': 'true' }, image(p, 80))),
    name: (p) => h('th', { scope: 'row' }, opener(p, {}, named(p))),
    verdict: (p) => h('td', {}, verdict(p)),
    stars: (p) => h('td', {}, stars(p)),
    why: (p) => h('td', { class: 'why' }, h('div', {}, p.why[state.language].join(words().sentenceSeparator))),
    percentile: (p) => h('td', { class: 'number' }, Math.floor(p.percentile)),
    group: (p) => h('td', {}, `${p.group}`, h('small', {}, words().groups[p.kind])),
    defects: (p) => h('td', {}, p.defects.map((code) => words().defects[code]).join(words().separator)),
    taken: (p) => h('td', { class: 'number' }, p.taken.split(' ').map((part) => h('div', {}, part))),
  };
  const cell = (name) => CELLS[name] ?? ((picture) => h('td', { class: 'number' }, two(value(name, picture))));
  const direction = (name) => (state.sort !== name ? null : state.down ? 'descending' : 'ascending');

  function table() {
    const title = (name) => words().heads[name] ?? t(name);
    const heads = COLUMNS.map((name) =>
      h('th', { scope: 'col', class: NUMBERS.includes(name) ? 'number' : null, 'aria-sort': direction(name) },
        name === 'why' ? title(name) : h('button', { type: 'button', 'data-sort': name, onclick: () => sortBy(name) }, title(name))));
    const known = new Map();
    const row = (picture) => {
      if (!known.has(picture)) known.set(picture, h('tr', {}, COLUMNS.map((name) => cell(name)(picture))));
      return known.get(picture);
    };
    const body = h('tbody');
    const made = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('table') }, h('table', {}, h('thead', {}, h('tr', {}, heads)), body));
    return { made, fill: () => fill(body, shown, row) };
  }

  function groups() {
    const made = h('div', { class: 'groups' });
    const section = ({ name, inside }) => h('section', {}, name ? h('h2', {}, name) : null, h('div', { class: 'frames' }, inside.map(frame)));
    return {
      made,
      fill() {
        const numbers = new Map();
        for (const picture of shown) numbers.set(picture.group, [...(numbers.get(picture.group) ?? []), picture]);
        const all = [...numbers.values()].map((inside) => inside.sort((one, other) => one.rank - other.rank));
        const alone = all.filter(([first]) => members.get(first.group).length === 1).flat();
        const parts = all.filter(([first]) => members.get(first.group).length > 1).map((inside) => ({ name: groupOf(inside[0]), inside }));
        for (let begin = 0; begin < alone.length; begin += STEP) {
          parts.push({ name: begin ? '' : words().groups[alone[0].kind], inside: alone.slice(begin, begin + STEP) });
        }
        fill(made, parts, section, ({ inside }) => inside.length);
      },
    };
  }

  const frame = (picture) =>
    h('figure', { class: picture.verdict }, opener(picture, {}, image(picture, 160), named(picture)),
      h('figcaption', {}, h('span', {}, verdict(picture), ' ', stars(picture)), list(picture.why[state.language])));

  function sheet() {
    const made = h('div', { class: 'sheet' });
    const one = (picture) => h('figure', { class: picture.verdict }, opener(picture, {}, image(picture, 160), named(picture)), h('figcaption', {}, h('span', {}, stars(picture), ' ', verdict(picture))));
    return { made, fill: () => fill(made, shown, one) };
  }

  const members = new Map();
  for (const picture of pictures) members.set(picture.group, [...(members.get(picture.group) ?? []), picture]);

  const VIEWS = { table, groups, sheet };

  function sortBy(name) {
    state.down = state.sort === name ? !state.down : !UPWARDS.includes(name);
    state.sort = name;
    for (const button of app.querySelectorAll('[data-sort]')) {
      const sorted = direction(button.dataset.sort);
      if (sorted) button.parentElement.setAttribute('aria-sort', sorted);
      else button.parentElement.removeAttribute('aria-sort');
    }
    update();
  }

  function fits(picture) {
    const text = state.text.trim().toLowerCase();
    return (
      (!state.stars || picture.stars >= Number(state.stars)) &&
      (!state.verdict || picture.verdict === state.verdict) &&
      (!state.kind || picture.kind === state.kind) &&
      (!state.defect || (state.defect === 'none' ? !picture.defects.length : picture.defects.includes(state.defect))) &&
      (!text || `${picture.name} ${picture.why[state.language].join(' ')} ${picture.said[state.language].join(' ')}`.toLowerCase().includes(text))
    );
  }

  /** Where the list begins is seen again, as what was seen has moved. */
  function update() {
    const begin = app.firstElementChild.getBoundingClientRect().bottom + window.scrollY;
    const sign = state.down ? -1 : 1;
    shown = pictures.filter(fits).sort((one, other) => {
      const [a, b] = [value(state.sort, one), value(state.sort, other)];
      return a < b ? -sign : a > b ? sign : other.composite - one.composite || one.place - other.place;
    });
    view.fill();
    none.hidden = shown.length > 0;
    counter.textContent = t('shown', { shown: shown.length, all: pictures.length });
    if (window.scrollY > begin) window.scrollTo(0, begin);
  }

  const pressed = (name, chosen, text, act) => h('button', { type: 'button', 'data-choice': name, 'aria-pressed': String(chosen), onclick: act }, text);

  function choice(name, label, options) {
    return h('select', { id: name, 'aria-label': label, onchange: (event) => { state[name] = event.target.value; update(); } },
      options.map(([code, text]) => h('option', { value: code, selected: state[name] === code }, text)));
  }

  function verdicts() {
    const counts = data.verdicts.map((code) => [code, words().verdicts[code], pictures.filter((p) => p.verdict === code).length]);
    const choose = (code) => (event) => {
      state.verdict = code;
      for (const one of event.currentTarget.parentElement.children) one.setAttribute('aria-pressed', String(one === event.currentTarget));
      update();
    };
    return h('div', { role: 'group', 'aria-label': t('verdict') },
      [['', t('all'), pictures.length], ...counts].filter(([code, , count]) => count || !code).map(([code, word, count]) =>
        pressed(code || 'all', state.verdict === code, `${word} ${count}`, choose(code))));
  }

  function tools() {
    const kinds = [...new Set(pictures.map((p) => p.kind))];
    const defects = [...new Set(pictures.flatMap((p) => p.defects))].sort();
    counter = h('output', { 'aria-live': 'polite' });
    return h('div', { class: 'tools', role: 'search' },
      verdicts(),
      h('div', { role: 'group', 'aria-label': t('view') }, Object.keys(VIEWS).map((name) => pressed(name, state.view === name, t(name), () => { state.view = name; draw(`[data-choice=${name}]`); }))),
      h('input', { type: 'search', id: 'text', placeholder: t('search'), 'aria-label': t('search'), value: state.text, oninput: (event) => { state.text = event.target.value; update(); } }),
      choice('stars', t('stars'), [['', t('anyStars')], ...['4.5', '4', '3', '2', '1'].map((count) => [count, t('fromStars', { stars: count })])]),
      kinds.length > 1 ? choice('kind', t('group'), [['', t('anyKind')], ...kinds.map((code) => [code, words().groups[code]])]) : null,
      defects.length ? choice('defect', t('defects'), [['', t('anyDefect')], ['none', t('noDefect')], ...defects.map((code) => [code, words().defects[code]])]) : null,
      counter);
  }

  function actions() {
    const other = Object.keys(data.words).find((tag) => tag !== state.language);
    return h('div', { class: 'actions' },
      pictures.length ? h('button', { type: 'button', onclick: () => { state.view = 'sheet'; draw(); window.print(); } }, t('print')) : null,
      h('button', { type: 'button', id: 'language', lang: other, onclick: () => { state.language = other; draw('#language'); } }, t('language')));
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

  /** Shows a picture by itself; from there the arrow keys lead to those before and after it in the list. */
  function enlarge(picture) {
    const list = shown;
    let place = list.indexOf(picture);
    const dialog = h('dialog', { onclose: () => { clear(); dialog.remove(); }, onkeydown: (event) => step({ ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0) });
    const name = h('h2', { id: 'which', tabindex: -1 });
    const inside = h('div');
    const turn = (by, sign, label) => h('button', { type: 'button', 'aria-label': label, onclick: () => step(by) }, sign);
    const [before, after] = [turn(-1, '‹', t('before')), turn(1, '›', t('after'))];
    const clear = () => { for (const old of inside.querySelectorAll('.plot')) Plotly.purge(old); };
    const step = (by) => { if (by && list[place + by]) { place += by; show(list[place]); } };
    const show = (one) => {
      clear();
      name.textContent = one.name;
      before.disabled = place < 1;
      after.disabled = place < 0 || place >= list.length - 1;
      const { made, plots } = details(one, (other) => { place = list.indexOf(other); show(other); });
      inside.replaceChildren(...made);
      dialog.scrollTop = 0;
      for (const [where, head, score] of plots) plot(where, head, score);
      if (!dialog.contains(document.activeElement) || document.activeElement.disabled) name.focus();
    };
    dialog.setAttribute('aria-labelledby', 'which');
    dialog.append(h('form', { method: 'dialog', class: 'bar' }, before, after, name, h('button', { class: 'close', 'aria-label': t('close') }, '×')), inside);
    app.append(dialog);
    dialog.showModal();
    show(picture);
  }

  function details(picture, go) {
    const said = picture.said[state.language];
    const together = members.get(picture.group);
    const scores = Object.entries(picture.heads).map(([head, score]) => [t('of', { head: words().heads[head], mean: two(score.mean), std: two(score.std) }), head, score]);
    const plots = scores.map(([label, head, score]) => [h('div', { class: 'plot', role: 'img', 'aria-label': label }), head, score]);
    const other = (one) => h('button', { type: 'button', class: one.verdict, 'aria-label': `${one.name}, ${words().verdicts[one.verdict]}`, 'aria-current': one === picture ? 'true' : null, onclick: () => go(one) }, image(one, 64));
    const made = [
      h('div', { class: 'whole' }, image(picture, 256, false),
        h('div', {}, h('p', {}, verdict(picture), ' ', stars(picture)),
          list(picture.why[state.language]),
          h('p', {}, pictures.length > 1 ? t('better', { score: two(picture.composite), share: Math.floor(picture.percentile) }) : `${t('composite')} ${two(picture.composite)}`),
          h('p', { class: 'facts' }, `${t('size', { width: picture.size[0], height: picture.size[1] })}${picture.taken ? ` · ${picture.taken}` : ''} · ${groupOf(picture)}`))),
      together.length > 1 ? h('div', { class: 'strip', role: 'group', 'aria-label': groupOf(picture) }, [...together].sort((a, b) => a.rank - b.rank).map(other)) : null,
      said.length ? [h('h3', {}, t('defects')), list(said)] : null,
      plots.map(([where], index) => [h('h3', {}, scores[index][0]), where]),
    ];
    return { made: made.flat(Infinity).filter(Boolean), plots };
  }

  /** Draws all of it; what is chosen keeps the focus. */
  function draw(focused) {
    document.documentElement.lang = state.language;
    const refused = data.refused.length
      ? h('details', { class: 'refused', open: !pictures.length }, h('summary', {}, t('refused', { count: data.refused.length })),
        h('ul', {}, data.refused.map((one) => h('li', {}, h('b', {}, one.name), ` ${one.code}: ${one.said[state.language]}`))))
      : null;
    view = VIEWS[state.view]();
    const judged = pictures.length ? [tools(), none = h('p', { class: 'none' }, t('none')), h('main', {}, view.made)] : [];
    app.replaceChildren(
      h('header', {}, actions(), h('h1', {}, data.title), h('p', {}, t('lead', data.counts)), ...(refused ? [refused] : [])), ...judged,
      h('footer', {}, t('madeBy', { model: data.model, style: words().styles[data.style], date: data.date, version: data.version })));
    if (pictures.length) {
      new ResizeObserver(([seen]) => app.style.setProperty('--tools', `${seen.borderBoxSize[0].blockSize}px`)).observe(app.querySelector('.tools'));
      update();
    }
    if (focused) app.querySelector(focused).focus();
  }

  draw();
})();
