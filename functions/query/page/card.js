// The pieces of a ranking: the recommended picture, a card for each candidate, and what could not be scored.

import { h } from './dom.js';
import { sentence, t, word } from './i18n.js';
import { view } from './lazy.js';
import { failed, meters, picture, policyTag, reasons, standing, verdict } from './parts.js';

/** A candidate's card. `actions` are `open`, `compare` and `remove`, each told the candidate. */
export function card(entry, { policy, compared, actions, first }) {
  const { candidate, composite, rank, duplicates } = entry;
  const { document, key, name } = candidate;
  const { level, reasons: doubts } = document.confidence;
  return h(
    'li',
    { class: first ? 'card first' : 'card', 'data-id': candidate.id },
    h('span', { class: 'rank', role: 'img', 'aria-label': t('rank', rank) }, String(rank)),
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
            'aria-label': t('details', key),
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
          h('span', { class: 'tag', title: doubts.map((doubt) => sentence('confidenceSentences', doubt)).join(' ') || null }, word('lowConfidence', level)),
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
          'aria-label': t('compareThis', key),
          onchange: () => actions.compare(candidate),
        }),
        t('compareShort'),
      ),
      h('button', { type: 'button', class: 'quiet remove', 'aria-label': t('remove', key), onclick: () => actions.remove(candidate) }, '×'),
    ),
    duplicates.length > 0 && twins(duplicates, actions),
  );
}

function twins(duplicates, actions) {
  return h(
    'details',
    { class: 'twins' },
    h('summary', {}, t('duplicates', duplicates.length)),
    h(
      'ul',
      {},
      duplicates.map((twin) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', class: 'twin', 'aria-label': t('details', twin.key), onclick: () => actions.open(twin) },
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
    return h('p', { class: 'notice' }, t('noneFit', best.candidate.name, failed(best.candidate.document, policy)));
  }
  const { candidate } = recommended.entry;
  return h(
    'div',
    { class: 'recommended' },
    h('button', { type: 'button', class: 'bare', 'data-focus': 'recommended', 'aria-label': t('details', candidate.key), onclick: () => open(candidate) }, view(candidate, 'poster', '')),
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
  const { document } = entry.candidate;
  const means = t(
    'means',
    entry.composite.score.toFixed(2),
    document.technical.mean.toFixed(2),
    document.aesthetic.mean.toFixed(2),
  );
  const divided = runnerUp?.composite.note === 'divisive' && entry.composite.note !== 'divisive';
  const next = runnerUp?.candidate.name;
  const [worst] = document.deductions;
  const said = !runnerUp
    ? t('whyOnly', means, strict)
    : lead
      ? t('whyHighest', means, strict, among, lead.toFixed(2), next)
      : t(divided ? 'whyDivided' : 'whyName', means, strict, next);
  return said + (worst ? t('whyDeduction', word('deductionNames', worst.code)) : t('whyNothing'));
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
          h('div', {}, h('strong', {}, item.key), h('p', {}, reason(item.error))),
          item.error.again && h('button', { type: 'button', onclick: () => retry(item) }, t('tryAgain')),
          h('button', { type: 'button', class: 'quiet remove', 'aria-label': t('remove', item.key), onclick: () => remove(item) }, '×'),
        ),
      ),
    ),
  );
}

/** What a refusal says, in the page's language. */
export function reason(error) {
  if (error.code === 'offline') return t('offline');
  if (error.code === 'timed_out') return t('timedOut');
  return sentence('errors', error);
}
