// The pieces that cards, details, comparisons and reports are made of.

import { h } from './dom.js';
import { sizeOf, percent, sentence, t, word } from './i18n.js';

const HEADS = ['technical', 'aesthetic'];
const SHOWN = 3;

export const COLOURS = { technical: '--technical', aesthetic: '--aesthetic' };

/** Stars in halves, the score and its band. */
export function verdict({ score, stars, band, note }) {
  return h(
    'p',
    { class: 'verdict' },
    h('span', { class: 'stars', role: 'img', 'aria-label': t('starsOf', stars), '--stars': stars / 5 }, '★★★★★'),
    h('strong', { class: 'score' }, score.toFixed(2)),
    h('span', { class: 'band' }, word('bands', band)),
    note && h('span', { class: 'tag' }, word('notes', note)),
  );
}

/** Both means on the scale from 1 to 10. */
export function meters(document) {
  return h(
    'dl',
    { class: 'meters' },
    HEADS.map((head) => {
      const { mean } = document[head];
      return h(
        'div',
        {},
        h('dt', {}, t(head)),
        h('dd', {}, h('span', { class: 'meter', '--at': (mean - 1) / 9, '--colour': `var(${COLOURS[head]})` }), mean.toFixed(2)),
      );
    }),
  );
}

/** Where both means stand among other pictures; nothing where no population is known. */
export function standing(document) {
  return ['reference', 'catalogue'].flatMap((kind) => {
    const [technical, aesthetic] = HEADS.map((head) => document[head].percentile[kind]);
    if (!technical && !aesthetic) return [];
    const share = (found) => percent(found.value / 100);
    if (technical && aesthetic && technical.population === aesthetic.population) {
      return h('p', { class: 'standing' }, t('betterBoth', share(technical), share(aesthetic), technical.population));
    }
    return [technical, aesthetic].map(
      (found, i) =>
        found && h('p', { class: 'standing' }, `${t(HEADS[i])}: ${t('betterThan', share(found), found.population)}`),
    );
  });
}

/** Names of the worst deductions. */
export function reasons(document) {
  const found = document.deductions.slice(0, SHOWN);
  if (!found.length) return h('p', { class: 'chips' }, h('span', { class: 'chip good' }, t('noDeductions')));
  return h(
    'ul',
    { class: 'chips', 'aria-label': t('deductions') },
    found.map((deduction) =>
      h(
        'li',
        { class: 'chip', title: sentence('deductionSentences', deduction) },
        h('span', { class: 'dot', '--at': deduction.severity, 'aria-hidden': 'true' }),
        word('deductionNames', deduction.code),
      ),
    ),
  );
}

/** Every deduction with its measure, the worst first. */
export function deductions(document) {
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
              h('strong', {}, word('deductionNames', deduction.code)),
              h('span', { class: 'meter', '--at': deduction.severity, '--colour': 'var(--bad)' }),
              h('span', { class: 'hint' }, t('severity', percent(deduction.severity))),
              h('p', {}, sentence('deductionSentences', deduction)),
            ),
          ),
        )
      : h('p', { class: 'ok' }, t('noDeductions')),
  );
}

const failures = (policy) => policy.checks.filter((check) => !check.pass && check.level === 'required');

/** Whether the marketplace policy is passed, in a few words. */
export function policyTag(document, name) {
  const policy = document.policies[name];
  return policy.pass
    ? h('span', { class: 'tag good' }, '✓ ', t('fits'))
    : h('span', { class: 'tag bad' }, t('fails', failures(policy).length));
}

/** Names of the required checks that failed. */
export const failed = (document, name) =>
  failures(document.policies[name])
    .map((check) => word('checkNames', check.code))
    .join(', ');

/** Every check of the marketplace policy. */
export function checks(document, name) {
  return section(
    t('policy'),
    h(
      'ul',
      { class: 'facts checks' },
      document.policies[name].checks.map((check) => {
        const state = check.pass ? 'passed' : check.level === 'required' ? 'failed' : 'advised';
        return h(
          'li',
          { class: state },
          h('strong', {}, word('checkNames', check.code)),
          h('span', { class: 'state' }, t(state)),
          h('p', {}, sentence('checkSentences', check)),
        );
      }),
    ),
  );
}

/** The kind of picture, and how far the scores can be trusted. */
export function trust(document) {
  const { traits, confidence } = document;
  const kinds = Object.entries(traits).filter(([, trait]) => trait?.present);
  return section(
    t('confidenceTitle'),
    h('p', {}, h('strong', {}, word('confidences', confidence.level))),
    confidence.reasons.map((reason) => h('p', {}, sentence('confidenceSentences', reason))),
    h('p', {}, `${t('traits')}: ${kinds.map(([kind]) => word('traitNames', kind)).join(', ') || t('noTraits')}`),
    traits.reframed && h('p', {}, t('reframed', percent(traits.reframed.fill))),
  );
}

/** What was scored, and by which model. */
export function provenance(document, stored) {
  const { image, model } = document;
  return section(
    t('file'),
    h('p', {}, t('sizeOf', image.width, image.height, image.format, sizeOf(image.bytes))),
    h('p', {}, t('scoredBy', model.id, model.version)),
    stored && h('p', {}, t('storedAs', stored)),
  );
}

/** The picture, or a place for one that the browser cannot show; an empty `alt` where its name stands beside it. */
export function picture(url, name, shape, alt = name) {
  if (url) return h('img', { class: shape, src: url, alt, decoding: 'async' });
  const kind = /\.(\w+)$/.exec(name)?.[1] ?? '?';
  const said = alt ? { role: 'img', 'aria-label': alt } : { 'aria-hidden': 'true' };
  return h('span', { class: `${shape} blank`, ...said }, kind.toUpperCase());
}

/** Everything about a picture in two columns. */
export function columns(document, policy, stored) {
  return h(
    'div',
    { class: 'columns' },
    h('div', {}, deductions(document), trust(document), provenance(document, stored)),
    checks(document, policy),
  );
}

export const section = (title, ...children) => h('section', {}, h('h3', {}, title), ...children);
