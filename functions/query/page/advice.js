// What would help a picture, and its best crops: tried out by the server when somebody asks.

import { h } from './dom.js';
import { section } from './parts.js';
import { codes, say, t, word } from './words.js';

const RETAKE = 'shoot_again';

/** What a document says of it, as lists. */
const lists = ({ advice = [], crops = [] }) => [
  advice.length
    ? h(
        'ul',
        { class: 'facts' },
        advice.map((one) =>
          h('li', {}, h('strong', {}, word(codes('deductions').includes(one.code) ? 'deductions' : 'checks', one.code)), h('p', {}, text(one))),
        ),
      )
    : h('p', {}, t('noAdvice')),
  crops.length > 0 && h('h4', {}, t('crops')),
  crops.length > 0 && h('ul', { class: 'facts' }, crops.map((crop) => h('li', {}, place(crop)))),
];

function text({ code, change, parameters, composite, helps }) {
  if (change === RETAKE) return say('retakes', code);
  return say('changes', change, parameters) + (composite ? t(helps ? 'adviceGain' : 'adviceNoGain', composite) : '');
}

const place = ({ ratio, box, composite }) => (box ? t('cropAt', { ratio, ...box, ...composite }) : t('noCrop', { ratio }));

/** What would help, for paper; nothing where nobody asked. */
export const adviceSheet = (document) => document.advice && section(t('advice'), lists(document));

/** A section that asks what would help: `ask` resolves with the document that says so, `refused` says why there is none. */
export function adviser(document, { ask, refused }) {
  const host = h('div', {});
  const said = h('div', { class: 'said', 'aria-live': 'polite' });
  const show = (known) => host.replaceChildren(...lists(known).filter(Boolean));
  const look = async ({ currentTarget: button }) => {
    button.disabled = true;
    said.textContent = t('adviceMaking');
    try {
      show(await ask());
      said.textContent = '';
    } catch (refusal) {
      button.disabled = false;
      said.textContent = refused(refusal);
    }
  };
  if (document.advice) show(document);
  else host.append(h('button', { type: 'button', onclick: look }, t('askAdvice')));
  return section(t('advice'), host, said);
}
