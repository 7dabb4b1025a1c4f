// One picture in full, and two beside each other.

import { checks, columns, deductions, headsOf, meters, picture, section, standing, trust, verdict } from './parts.js';
import { adviser } from './advice.js';
import { distributions } from './interactive.js';
import { h } from './dom.js';
import { mapChooser } from './maps.js';
import { view } from './lazy.js';
import { t } from './words.js';

const PAIR = ['--one', '--other'];

/** Shows one candidate in a dialog. `neighbours` are the ones before and after it, `actions` are `open`, `report`, `locate` and `advise`, which resolve with its document with maps and with what would help, and `refused`, which says why not. */
export function showDetails(dialog, candidate, composite, { neighbours, actions }) {
  const { document, key: name } = candidate;
  const [before, after] = neighbours;
  const beside = (label, sign, other) =>
    h('button', { type: 'button', class: 'quiet', disabled: !other, 'aria-label': t(label), onclick: () => actions.open(other) }, sign);
  const place = h(
    'div',
    { class: 'mapped' },
    candidate.full ? picture(candidate.full, name, 'poster') : view(candidate, 'poster', name),
  );
  dialog.replaceChildren(
    h(
      'header',
      {},
      h('h2', { id: 'details-title', tabindex: '-1', autofocus: true }, name),
      beside('previous', '‹', before),
      beside('next', '›', after),
      closer(dialog),
    ),
    h(
      'div',
      { class: 'body' },
      h(
        'div',
        { class: 'summary' },
        h('div', {}, place, mapChooser(document, name, place, { ask: () => actions.locate(candidate), refused: actions.refused })),
        h(
          'div',
          {},
          verdict(composite),
          meters(document),
          standing(document),
          h('button', { type: 'button', class: 'primary', onclick: () => actions.report(candidate) }, t('report')),
        ),
      ),
    ),
  );
  const body = dialog.querySelector('.body');
  open(dialog);
  body.append(
    section(
      t('distributions'),
      h('div', { class: 'charts' }, headsOf(document).map((one) => distributions(one.name, [one]))),
    ),
    adviser(document, { ask: () => actions.advise(candidate), refused: actions.refused }),
    columns(document, candidate.stored, composite),
  );
}

/** Shows two entries `{candidate, composite}` in a dialog. */
export function showComparison(dialog, pair) {
  dialog.replaceChildren(
    h('header', {}, h('h2', { id: 'comparison-title', tabindex: '-1', autofocus: true }, t('compareTitle')), closer(dialog)),
    h('div', { class: 'body' }),
  );
  open(dialog);
  const lead = pair[0].composite.score - pair[1].composite.score;
  dialog.querySelector('.body').append(
    h(
      'div',
      { class: 'pair' },
      pair.map(({ candidate, composite }, i) =>
        h(
          'section',
          {},
          candidate.full ? picture(candidate.full, candidate.key, 'poster') : view(candidate, 'poster', candidate.key),
          h('h3', { class: 'legend', '--colour': `var(${PAIR[i]})` }, candidate.key),
          verdict(composite),
          h('p', { class: 'ahead' }, difference(i ? -lead : lead)),
          meters(candidate.document),
        ),
      ),
    ),
    section(
      t('distributions'),
      h(
        'div',
        { class: 'charts' },
        headsOf(pair[0].candidate.document)
          .filter(({ head }) => pair[1].candidate.document[head])
          .map(({ head, name }) =>
            distributions(
              name,
              pair.map(({ candidate }, i) => ({ name: candidate.key, score: candidate.document[head], colour: PAIR[i] })),
            ),
          ),
      ),
    ),
    h(
      'div',
      { class: 'pair' },
      pair.map(({ candidate, composite }) =>
        h('div', {}, deductions(candidate.document, composite), checks(candidate.document), trust(candidate.document)),
      ),
    ),
  );
}

function difference(lead) {
  if (Math.abs(lead) < 0.005) return t('even');
  return lead > 0 ? t('ahead', { lead }) : '';
}

const closer = (dialog) =>
  h('button', { type: 'button', class: 'quiet close', 'aria-label': t('close'), onclick: () => dialog.close() }, '×');

function open(dialog) {
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector('[autofocus]').focus();
}
