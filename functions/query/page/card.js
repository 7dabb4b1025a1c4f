// The pieces of a ranking: the recommended picture, a card for each candidate, and what could not be scored.

import { h } from './dom.js';
import { say, sentence, t, word } from './words.js';
import { view } from './lazy.js';
import { failed, meters, picture, policyTag, reasons, standing, tierTags, verdict } from './parts.js';

const NAMED = 5; // tied pictures that the sentence names; where there are more, a line below it has all

/** A candidate's card. `actions` are `open`, `compare` and `remove`, each told the candidate. */
export function card(entry, { policy, compared, actions, first }) {
  const { candidate, composite, rank, duplicates, tier } = entry;
  const { document, key, name } = candidate;
  const { level, reasons: doubts } = document.confidence;
  return h(
    'li',
    { class: first ? 'card first' : 'card', 'data-id': candidate.id, 'data-tier': tier },
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
        tierTags(document, composite),
        level !== 'high' &&
          h('span', { class: 'tag', title: doubts.map((doubt) => sentence('reasons', doubt)).join(t('sentenceSeparator')) || null }, word('doubts', level)),
      ),
    ),
    h('div', { class: 'why' }, meters(document), standing(document), reasons(document, composite)),
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
      duplicates.map(({ candidate: twin }) =>
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

const listed = (entries, most = NAMED) => {
  const names = entries.slice(0, most).map(({ candidate }) => candidate.name).join(t('separator'));
  return entries.length > most ? t('more', { names, left: entries.length - most }) : names;
};

/** Which picture is recommended and why, or why none is; what it is too close to, and the best by the other measure. */
export function recommendation({ entries, recommended, best, bestPassing }, { policy, strict, open }) {
  const [first] = entries;
  if (!first) return [];
  if (!recommended) {
    return h('p', { class: 'notice' }, say('ranking', 'none_passes', { key: first.candidate.name, checks: failed(first.candidate.document, policy) }));
  }
  const { candidate } = recommended.entry;
  const other = strict ? best : bestPassing;
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
      recommended.tied.length > NAMED && h('p', { class: 'tied' }, t('tooClose', { names: listed(recommended.tied, Infinity) })),
      other && other !== candidate && h('p', { class: 'other' }, t(strict ? 'best' : 'bestPassing', { name: other.name })),
    ),
  );
}

function why({ entry, runnerUp, lead, preference, tied, decided, beside, among }, strict) {
  const { technical, aesthetic, deductions } = entry.candidate.document;
  const place = !runnerUp ? 'only' : !tied.length && beside ? beside : preference;
  const means = { score: entry.composite.score, technical: technical.mean, aesthetic: aesthetic.mean };
  const [worst] = deductions;
  return (
    say('ranking', place, {
      subject: say('ranking', strict ? 'passing' : 'subject'),
      means: say('ranking', 'means', means),
      among,
      lead,
      next: runnerUp?.candidate.name,
      tied: listed(tied),
      decided: decided && say('decided', decided),
    }) + (worst ? say('ranking', 'deduction', { name: word('deductions', worst.code) }) : say('ranking', 'faultless', { faultless: word('faultless', entry.composite.band) }))
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
