// The pieces of a ranking: the recommended picture, a card for each candidate, and what could not be scored.

import { h } from './dom.js';
import { say, sentence, t, word } from './words.js';
import { view } from './lazy.js';
import { DIVISIVE } from './ranking.js';
import { failed, meters, picture, policyTag, reasons, standing, verdict } from './parts.js';

/** A candidate's card. `actions` are `open`, `compare` and `remove`, each told the candidate. */
export function card(entry, { policy, compared, actions, first }) {
  const { candidate, composite, rank, duplicates } = entry;
  const { document, key, name } = candidate;
  const { level, reasons: doubts } = document.confidence;
  return h(
    'li',
    { class: first ? 'card first' : 'card', 'data-id': candidate.id },
    h('span', { class: 'rank', role: 'img', 'aria-label': t('rank', { rank }) }, String(rank)),
    view(candidate, 'thumb', ''),
    h(
      'div',
      { class: 'what' },
      h(
        'h3',
        {},
        h(
          'button',
          {
            type: 'button',
            class: 'open',
            'data-focus': `open-${candidate.id}`,
            'aria-label': t('details', { name: key }),
            onclick: () => actions.open(candidate),
          },
          name,
        ),
      ),
      verdict(composite),
      h(
        'div',
        { class: 'tags' },
        policyTag(document, policy),
        level !== 'high' &&
          h('span', { class: 'tag', title: doubts.map((doubt) => sentence('reasons', doubt)).join(' ') || null }, word('doubts', level)),
      ),
    ),
    h('div', { class: 'why' }, meters(document), standing(document), reasons(document)),
    h(
      'div',
      { class: 'tools' },
      h(
        'label',
        { class: 'check' },
        h('input', {
          type: 'checkbox',
          checked: compared,
          'data-focus': `compare-${candidate.id}`,
          'aria-label': t('compareThis', { name: key }),
          onchange: () => actions.compare(candidate),
        }),
        t('compareShort'),
      ),
      h('button', { type: 'button', class: 'quiet remove', 'aria-label': t('remove', { name: key }), onclick: () => actions.remove(candidate) }, '×'),
    ),
    duplicates.length > 0 && twins(duplicates, actions),
  );
}

function twins(duplicates, actions) {
  return h(
    'details',
    { class: 'twins' },
    h('summary', {}, t('duplicates', { count: duplicates.length })),
    h(
      'ul',
      {},
      duplicates.map((twin) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'twin', 'aria-label': t('details', { name: twin.key }), onclick: () => actions.open(twin) },
            view(twin, 'tiny', ''),
            twin.name,
          ),
        ),
      ),
    ),
  );
}

/** Which picture is recommended and why; or why none is. */
export function recommendation({ entries, recommended }, { policy, strict, open }) {
  const [best] = entries;
  if (!best) return [];
  if (!recommended) {
    return h('p', { class: 'notice' }, say('ranking', 'none_passes', { key: best.candidate.name, checks: failed(best.candidate.document, policy) }));
  }
  const { candidate } = recommended.entry;
  return h(
    'div',
    { class: 'recommended' },
    h('button', { type: 'button', class: 'bare', 'data-focus': 'recommended', 'aria-label': t('details', { name: candidate.key }), onclick: () => open(candidate) }, view(candidate, 'poster', '')),
    h(
      'div',
      {},
      h('h3', {}, t('recommended')),
      h('p', { class: 'winner' }, candidate.name),
      h('p', { class: 'because' }, why(recommended, strict)),
    ),
  );
}

function why({ entry, runnerUp, lead, among }, strict) {
  const { technical, aesthetic, deductions } = entry.candidate.document;
  const divided = runnerUp?.composite.note === DIVISIVE && entry.composite.note !== DIVISIVE;
  const place = !runnerUp ? 'only' : lead ? 'highest' : divided ? 'divided' : 'by_key';
  const means = { score: entry.composite.score, technical: technical.mean, aesthetic: aesthetic.mean };
  const [worst] = deductions;
  return (
    say('ranking', place, {
      subject: say('ranking', strict ? 'passing' : 'subject'),
      means: say('ranking', 'means', means),
      among,
      lead,
      next: runnerUp?.candidate.name,
    }) + (worst ? say('ranking', 'deduction', { name: word('deductions', worst.code) }) : say('ranking', 'nothing'))
  );
}

/** What could not be scored, each with the reason, and with a way to try again where that may help. */
export function refusals(items, { retry, remove }) {
  if (!items.length) return [];
  return h(
    'section',
    { class: 'refused', 'aria-labelledby': 'refused-title' },
    h('h2', { id: 'refused-title' }, t('refusedTitle')),
    h(
      'ul',
      {},
      items.map((item) =>
        h(
          'li',
          { 'data-id': item.id },
          picture(item.url, item.name, 'tiny', ''),
          h('div', {}, h('strong', {}, item.key), h('p', {}, sentence('errors', item.error))),
          item.error.again && h('button', { type: 'button', onclick: () => retry(item) }, t('tryAgain')),
          h('button', { type: 'button', class: 'quiet remove', 'aria-label': t('remove', { name: item.key }), onclick: () => remove(item) }, '×'),
        ),
      ),
    ),
  );
}
