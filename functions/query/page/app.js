// The page: what was dropped, how far it is, and how it is ranked in the chosen style.

import * as api from './api.js';
import { accept, chosen, isRaw, sort } from './pictures.js';
import { listenForDrops } from './drops.js';
import { CUSTOM, compose, weightsOf } from './ranking.js';
import { drawRankings, rankings } from './folders.js';
import { h, replace } from './dom.js';
import { chooseLanguage } from './language.js';
import { save, toCsv } from './csv.js';
import { showComparison, showDetails } from './details.js';
import { openReport } from './report.js';
import { refusals } from './card.js';
import { habits } from './parts.js';
import { AT_ONCE, advise, complete, itemOf, judge, locate, release } from './items.js';
import { askForKey } from './key.js';
import { MOST, listed, wanted } from './stored.js';
import { place } from './places.js';
import { sentence, t, word } from './words.js';

const NAMED = 10; // files that are named when they are skipped

const $ = (id) => document.getElementById(id);
const state = { items: [], style: null, own: 50, strict: false, compared: [], made: 0, running: 0, visit: Date.now().toString(36) };
let settings;
let ranked = [];

function style() {
  const known = settings.styles[state.style] ?? { weights: weightsOf(state.own, 100 - state.own) };
  return { name: state.style, ...known };
}

const ofState = (...states) => state.items.filter((item) => states.includes(item.state));
const unfinished = () => ofState('waiting', 'sending', 'scoring');
const entries = () => ranked.flatMap((ranking) => ranking.entries);
const composite = (candidate) => compose(candidate.document, style(), settings);

// What is on the page.

function draw(announcement) {
  const scored = ofState('scored');
  const busy = new Set(unfinished().map(({ folder }) => folder));
  ranked = rankings(scored, style(), settings, state.strict);
  const shown = state.items.length > 0;
  document.body.classList.toggle('working', shown);
  $('drop-title').textContent = t(shown ? 'dropMore' : 'dropTitle');
  $('controls').hidden = $('results').hidden = !shown;
  $('points').hidden = shown;
  replace($('weights'), habits(style()).map((line) => h('p', { class: 'hint' }, line)));
  drawProgress();
  drawRankings($('rankings'), ranked, {
    policy: settings.policy,
    strict: state.strict,
    compared: state.compared,
    busy: (folder) => busy.has(folder),
    open: show,
    actions: { open: show, compare, remove },
  });
  replace($('refused'), refusals(ofState('refused'), { retry, remove }));
  $('compare').textContent = t(['compareNone', 'compareOne', 'compareTwo'][state.compared.length]);
  $('compare').disabled = state.compared.length < 2;
  $('export').disabled = !scored.length;
  $('change-key').hidden = !api.hasKey();
  const best = entries()[0]?.candidate.key;
  if (announcement && best) $('status').textContent = announcement({ best, folders: ranked.length });
}

/** A text on what comes first, or on folders where there are several. */
const onRanking = (name, facts) => t(facts.folders > 1 ? `${name}Folders` : name, facts);

/** What to announce once everything is scored. */
const ready = () =>
  unfinished().length ? null : (first) => onRanking('ready', { count: ofState('scored').length, ...first });

function drawProgress() {
  const done = state.items.length - unfinished().length;
  $('progress').hidden = done === state.items.length;
  $('bar').max = state.items.length || 1;
  $('bar').value = done;
  const [current] = ofState('sending', 'scoring');
  $('counted').textContent =
    t('counted', { done, all: state.items.length }) + (current ? ` · ${current.key} (${t(current.state)})` : '');
}

function drawStyles() {
  const names = [...Object.keys(settings.styles), CUSTOM];
  $('styles').append(
    ...names.map((name) =>
      h('label', {}, h('input', { type: 'radio', name: 'style', value: name, checked: name === state.style }), h('span', {}, word('styles', name))),
    ),
    h('input', { type: 'range', id: 'own', min: 0, max: 100, step: 5, value: state.own, hidden: true, 'aria-label': t('ownWeights') }),
  );
}

// What people do.

function listen() {
  $('files').accept = accept(settings.formats);
  for (const [button, input] of [
    ['choose-files', 'files'],
    ['choose-folder', 'folder'],
  ]) {
    $(button).addEventListener('click', () => $(input).click());
    $(input).addEventListener('change', () => {
      add(chosen($(input)));
      $(input).value = ''; // the same files can be chosen again
    });
  }
  $('styles').addEventListener('input', ({ target }) => {
    if (target.name === 'style') state.style = target.value;
    else state.own = Number(target.value);
    $('own').hidden = state.style !== CUSTOM;
    draw((first) => onRanking('reordered', { style: word('styles', state.style), ...first }));
  });
  $('policy').addEventListener('change', ({ target }) => {
    state.strict = target.checked;
    draw((first) => onRanking('reordered', { style: t('policyFirst'), ...first }));
  });
  $('controls').addEventListener('submit', (event) => event.preventDefault());
  $('compare').addEventListener('click', () =>
    withWhole(state.compared, () =>
      showComparison($('comparison'), state.compared.map((candidate) => ({ candidate, composite: composite(candidate) }))),
    ),
  );
  $('export').addEventListener('click', () =>
    withWhole(ofState('scored'), () =>
      save(toCsv(entries(), ofState('refused'), settings.policy), `ranking-${state.style}.csv`),
    ),
  );
  $('clear').addEventListener('click', () => {
    for (const item of [...state.items]) forget(item);
    draw();
    $('choose-files').focus();
  });
  $('change-key').addEventListener('click', () => api.renewKey());
  for (const dialog of [$('details'), $('comparison')]) {
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  }
  $('details').addEventListener('keydown', ({ key, target }) => {
    if (target.type === 'radio') return; // where the arrows choose
    const step = { ArrowLeft: 0, ArrowRight: 1 }[key];
    const other = step !== undefined && neighbours($('details').candidate)[step];
    if (other) show(other);
  });
  listenForDrops(hover, add);
}

/** Shows whether files are held over the page. */
function hover(over) {
  document.body.classList.toggle('dragging', over);
  $('drop-title').textContent = t(over ? 'dropNow' : state.items.length ? 'dropMore' : 'dropTitle');
}

async function add(files) {
  const { pictures, skipped } = sort(files, settings.formats);
  const known = await take(pictures);
  const notes = [
    known && t('known', { count: known }),
    skipped.length && t('skipped', { count: skipped.length, names: named(skipped) }),
    skipped.some((path) => isRaw(path, settings.formats)) && t('raw'),
    !pictures.length && files.length && t('nothing'),
  ];
  $('skipped').textContent = notes.filter(Boolean).join(t('sentenceSeparator'));
}

function named(paths) {
  const names = paths.slice(0, NAMED).join(t('separator'));
  return paths.length > NAMED ? t('more', { names, left: paths.length - NAMED }) : names;
}

let taking = Promise.resolve();

/** Puts pictures into the list and has those judged that are files; how many were there already. */
function take(pictures) {
  // One after the other, as each has its place beside those before.
  taking = taking.then(async () => {
    const { fresh, known } = await place(pictures, state.items);
    list(fresh);
    return known;
  });
  return taking;
}

function list(pictures) {
  for (const picture of pictures) {
    state.made += 1;
    state.items.push(itemOf(picture, String(state.made)));
  }
  draw(ready());
  for (let i = state.running; i < AT_ONCE; i += 1) work();
}

/** Shows what the server has of some collections. */
async function open(collections) {
  try {
    const found = await listed(collections, settings.policy);
    if (found.length > MOST) $('skipped').textContent = t('first', { most: MOST });
    const prefix = settings.upload_prefix;
    const pathOf = (key) => (key.startsWith(prefix) ? key.slice(prefix.length) : key);
    await take(found.slice(0, MOST).map((one) => ({ ...one, path: pathOf(one.stored) })));
  } catch (refusal) {
    if (!(refusal instanceof api.Refusal)) throw refusal;
    $('skipped').textContent = sentence('errors', refusal);
  }
}

/** Does something with whole documents, or says why there are none. */
async function withWhole(candidates, act) {
  try {
    await complete(candidates, settings);
  } catch (refusal) {
    if (!(refusal instanceof api.Refusal)) throw refusal;
    $('skipped').textContent = sentence('errors', refusal);
    return;
  }
  act();
}

async function work() {
  state.running += 1;
  for (let item; (item = ofState('waiting')[0]); ) {
    await judge(item, settings, state.visit, drawProgress);
    draw(ready());
  }
  state.running -= 1;
}

function retry(item) {
  Object.assign(item, { state: 'waiting', error: null });
  draw();
  if (state.running < AT_ONCE) work();
}

function remove(item) {
  forget(item);
  draw();
  $('results').focus();
}

function forget(item) {
  state.items = state.items.filter((other) => other !== item);
  state.compared = state.compared.filter((other) => other !== item);
  release(item);
}

/** Marks a candidate for the comparison, or takes the mark back; a third one takes the place of the first. */
function compare(candidate) {
  const others = state.compared.filter((other) => other !== candidate);
  state.compared = others.length < state.compared.length ? others : [...others.slice(-1), candidate];
  draw();
}

function neighbours(candidate) {
  const all = entries().flatMap((entry) => [entry, ...entry.duplicates]).map(({ candidate: one }) => one);
  const at = all.indexOf(candidate);
  return [all[at - 1], all[at + 1]];
}

function show(candidate) {
  const dialog = $('details');
  dialog.candidate = candidate;
  return withWhole([candidate], () => {
    // Another one may have been asked for while this one was fetched.
    if (dialog.candidate !== candidate) return;
    showDetails(dialog, candidate, composite(candidate), {
      neighbours: neighbours(candidate),
      actions: {
        open: show,
        report: print,
        locate: (item) => locate(item, settings),
        advise: (item) => advise(item, settings, composite(item)),
        refused: (refusal) => sentence('errors', refusal),
      },
    });
  });
}

async function print(candidate) {
  try {
    await openReport(candidate, composite(candidate));
  } catch {
    $('status').textContent = t('noTab');
  }
}

const words = await chooseLanguage();
api.onKeyWanted(askForKey);
settings = await api.settings();
state.style = settings.style;
$('drop-note').textContent = t('dropNote', { formats: settings.formats.labels.join(t('separator')) });
drawStyles();
$('points').append(...words.texts.points.map(([what, more]) => h('li', {}, h('strong', {}, what), h('p', {}, more))));
listen();
draw();
document.documentElement.dataset.ready = 'yes';
await open(wanted(settings));
