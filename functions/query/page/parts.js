// The pieces that cards, details, comparisons and reports are made of.

import { h } from './dom.js';
import { sizeOf } from './numbers.js';
import { weighty } from './ranking.js';
import { codes, onCheck, onDeduction, say, sentence, t, translated, word } from './words.js';

const SHOWN = 3;

/** The heads that the composite is made of. */
export const WEIGHED = ['technical', 'aesthetic'];

/** The heads that a document has scores of, each with its name and the CSS variable of its colour. */
export const headsOf = (document) =>
  codes('heads')
    .filter((head) => document[head])
    .map((head) => ({ head, name: word('heads', head), colour: `--${head}`, score: document[head] }));

/** Stars in halves, the score and its band. */
export function verdict({ score, stars, band, note }) {
  return h(
    'p',
    { class: 'verdict' },
    h('span', { class: 'stars', role: 'img', 'aria-label': t('starsOf', { stars }), '--stars': stars / 5 }, '★★★★★'),
    h('strong', { class: 'score' }, score.toFixed(2)),
    h('span', { class: 'band' }, word('bands', band)),
    note && h('span', { class: 'tag' }, word('notes', note)),
  );
}

/** All means on the scale from 1 to 10. */
export function meters(document) {
  return h(
    'dl',
    { class: 'meters' },
    headsOf(document).map(({ name, colour, score: { mean } }) =>
      h(
        'div',
        {},
        h('dt', {}, name),
        h('dd', {}, h('span', { class: 'meter', '--at': (mean - 1) / 9, '--colour': `var(${colour})` }), mean.toFixed(2)),
      ),
    ),
  );
}

// Rounded down, as nothing is better than all.
const share = ({ value }) => Math.floor(value) / 100;

/** Where the means stand among other pictures; nothing where no population is known. */
export function standing(document) {
  return ['reference', 'catalogue'].flatMap((kind) => {
    const found = headsOf(document).flatMap(({ head, name, score }) => (score.percentile[kind] ? { head, name, ...score.percentile[kind] } : []));
    const [technical, aesthetic] = WEIGHED.map((head) => found.find((one) => one.head === head));
    const together = technical && aesthetic && technical.population === aesthetic.population;
    const line = (name, facts, found) =>
      h('p', { class: 'standing' }, t(name, { ...facts, population: translated('populations', found.population) }));
    return [
      together && line('betterBoth', { technical: share(technical), aesthetic: share(aesthetic) }, technical),
      ...found
        .filter(({ head }) => !together || !WEIGHED.includes(head))
        .map((one) => line('betterThan', { head: one.name, share: share(one) }, one)),
    ];
  });
}

/** The names of some codes of a family, in a row. */
export const namesOf = (family, found) => found.map((code) => word(family, code)).join(t('separator'));

/** What a style weighs, what it minds beside that, and what it does not judge, as texts. */
export const habits = ({ weights, minds = [], not_judged: not = [] }) => [
  t('weights', weights),
  ...(minds.length ? [t('minds', { names: namesOf('deductions', minds) })] : []),
  ...(not.length ? [t('notJudged', { names: namesOf('not_judged', not) })] : []),
];

/** Names of the first deductions, those marked that put a picture after others; without any, what that says of a
 * picture with this composite. */
export function reasons(document, { band, minds }) {
  const found = document.deductions.slice(0, SHOWN);
  if (!found.length) return h('p', { class: 'chips' }, h('span', { class: 'chip' }, word('faultless', band)));
  return h(
    'ul',
    { class: 'chips', 'aria-label': t('deductions') },
    found.map((deduction) =>
      h(
        'li',
        { class: deduction.sure || minds.includes(deduction.code) ? 'chip sure' : 'chip', title: onDeduction(deduction) },
        h('span', { class: 'dot', '--at': deduction.severity, 'aria-hidden': 'true' }),
        word('deductions', deduction.code),
      ),
    ),
  );
}

/** Every deduction with its measure, in its order. */
export function deductions(document, { band, minds }) {
  return section(
    t('deductions'),
    document.deductions.length
      ? h(
          'ul',
          { class: 'facts' },
          document.deductions.map((deduction) =>
            h(
              'li',
              {},
              h('strong', {}, word('deductions', deduction.code)),
              h('span', { class: 'meter', '--at': deduction.severity, '--colour': 'var(--bad)' }),
              h('span', { class: 'hint' }, t('severity', deduction)),
              deduction.sure && h('span', { class: 'tag bad' }, t('sure')),
              minds.includes(deduction.code) && h('span', { class: 'tag bad' }, t('mindedHere')),
              h('p', {}, onDeduction(deduction)),
              measured(deduction),
            ),
          ),
        )
      : h('p', {}, word('faultless', band)),
  );
}

const failures = (policy) => policy.checks.filter((check) => !check.pass && check.level === 'required');

/** Whether the marketplace policy is passed, in a few words. */
export function policyTag(document, name) {
  const policy = document.policies[name];
  return policy.pass
    ? h('span', { class: 'tag good' }, '✓ ', t('fits'))
    : h('span', { class: 'tag bad' }, t('fails', { count: failures(policy).length }));
}

/** The defects that weigh in the order: the sure ones, and those that the style minds. */
export function tierTags(document, composite) {
  const { sure, minded } = weighty(document, composite);
  const tag = (why, found) => {
    const names = namesOf('deductions', found);
    return names && h('span', { class: 'tag bad', title: say('tiers', why, { names }) }, t(why, { names }));
  };
  return [tag('defective', sure), tag('minded', minded)];
}

/** Names of the required checks that failed. */
export const failed = (document, name) =>
  namesOf('checks', failures(document.policies[name]).map(({ code }) => code));

/** Every check of every policy. */
export const checks = (document) =>
  Object.entries(document.policies).map(([name, policy]) =>
    section(
      word('policies', policy.policy ?? name),
      policy.not_checked?.length ? h('p', {}, h('small', {}, t('notChecked', { items: namesOf('not_checked', policy.not_checked) }))) : null,
      policy.source && h('p', {}, h('small', {}, t('rulesOf', { read: policy.read, source: word('sources', policy.source) }))),
      h(
        'ul',
        { class: 'facts checks' },
        policy.checks.map((check) => {
          const state = check.pass ? 'passed' : check.level === 'required' ? 'failed' : 'advised';
          return h(
            'li',
            { class: state },
            h('strong', {}, word('checks', check.code)),
            h('span', { class: 'state' }, word('states', state)),
            h('p', {}, onCheck(check, policy.measures)),
            measured(check),
          );
        }),
      ),
    ),
  );


/** A measure in its unit, and what it was compared with where that is told. */
function measured({ measure, threshold, unit }) {
  const name = threshold === undefined ? 'measured' : measure === null ? 'limit' : 'measuredOf';
  return h('p', {}, h('small', {}, t(name, { measure, threshold, unit: translated('units', unit) })));
}

/** How far the scores can be trusted. */
export const trust = ({ confidence }) =>
  section(
    t('confidence'),
    h('p', {}, h('strong', {}, word('levels', confidence.level))),
    confidence.reasons.map((reason) => h('p', {}, sentence('reasons', reason))),
  );

/** What kind of picture it is, whether that holds or not. */
export function traits({ traits: { aspect, cropped, color_space: space, reframed, ...kinds } }) {
  return section(
    t('traits'),
    h(
      'ul',
      { class: 'facts checks' },
      Object.entries(kinds).map(([name, { present, measure, unit }]) =>
        h('li', {}, h('strong', {}, word('traits', name)), h('span', {}, t(present ? 'yes' : 'no')), measured({ measure, unit })),
      ),
    ),
    h('p', {}, t('aspect', { aspect })),
    h('p', {}, t('colorSpace', { space: translated('color_spaces', space) })),
    reframed && h('p', {}, t('reframed', reframed)),
  );
}

/** What was scored, when and by which model. */
export function provenance({ image, model, preprocessing, scale, scored_at: time }, stored) {
  return section(
    t('file'),
    h('p', {}, t('sizeOf', { ...image, format: image.format ?? t('unknownFormat'), size: sizeOf(image.bytes) })),
    h('p', {}, t('scoredBy', { ...model, preprocessing })),
    h('p', {}, scale ? t('starsAmong', { population: translated('populations', scale.population) }) : t('starsFixed')),
    time && h('p', {}, t('scoredAt', { time })),
    stored && h('p', {}, t('storedAs', { key: stored })),
  );
}

/** The picture, or a place for one that the browser cannot show; an empty `alt` where its name stands beside it. */
export function picture(url, name, shape, alt = name) {
  if (url) return h('img', { class: shape, src: url, alt, decoding: 'async' });
  const kind = /\.(\w+)$/.exec(name)?.[1] ?? '?';
  const label = alt ? { role: 'img', 'aria-label': alt } : { 'aria-hidden': 'true' };
  return h('span', { class: `${shape} blank`, ...label }, kind.toUpperCase());
}

/** Everything about a picture in two columns. */
export const columns = (document, stored, composite = document.composite) =>
  h(
    'div',
    { class: 'columns' },
    h('div', {}, deductions(document, composite), trust(document), traits(document), provenance(document, stored)),
    h('div', {}, checks(document)),
  );

export const section = (title, ...children) => h('section', {}, h('h3', {}, title), ...children);
