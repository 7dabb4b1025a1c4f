// What people read, in one language: the texts of nima.words, whose facts are filled in here.

import { formatted } from './numbers.js';

const FACT = /{(\w+)(?::([^}]*))?}/g;

let words;
let english;

/** Says which words to use, and the English ones, by which the server's texts are known. */
export function use(chosen, originals) {
  words = chosen;
  english = originals;
}

/** What there is on a code of a family; nothing on what only every object has, such as `constructor`. */
const entry = (family, code) => (Object.hasOwn(words[family], code) ? words[family][code] : undefined);

/** The text of a code of a family, with its facts. */
export const say = (family, code, facts) => filled(words[family][code], facts);

/** One of the texts that belong to no code. */
export const t = (name, facts) => say('texts', name, facts);

/** The word for a code of a family; the code itself where there is none. */
export const word = (family, code) => entry(family, code)?.name ?? entry(family, code) ?? code.replaceAll('_', ' ');

/** The codes of a family, in their order. */
export const codes = (family) => Object.keys(words[family]);

/** The sentence on a reason or an error. */
export const sentence = (family, fact) => message(fact, entry(family, fact.code), fact);

/** The sentence on a deduction, by the unit that it was measured in. */
export const onDeduction = (fact) => message(fact, entry('deductions', fact.code)?.[known('units', fact.unit)?.code], fact);

/** What a map shows: of a score by how it was made, else as it is measured. */
export function onMap(name, exact) {
  const found = entry('maps', name) ?? {};
  return found.measured ?? found[exact ? 'exact' : 'approximate'] ?? '';
}

/** The sentence on a check, of which the whole measures of the policy may tell more. */
export function onCheck(check, { white }) {
  const { measured, failed, zero, missing } = entry('checks', check.code) ?? {};
  const facts = { ...check, pure: white[0], near: Object.values(white).at(-1) };
  const whole = check.measure !== null && [...(measured ?? '').matchAll(FACT)].every(([, name]) => facts[name] !== undefined);
  const text = whole ? (check.pass ? measured : (failed ?? measured)) : (missing ?? words.texts.notMeasured);
  return message(check, check.measure === 0 && zero ? zero : text, facts);
}

/** The server's word for a unit, a population or a colour space, in this language; as it is where it is not known. */
export function translated(family, text) {
  const found = known(family, text);
  return found ? say(family, found.code, found.facts) : text;
}

/** In English what the server says, else its translation. */
const message = (fact, text, facts) => (words === english && fact.message) || (text ? filled(text, facts) : fact.message);

/** Which code of a family an English text stands for, and with which facts. */
function known(family, text) {
  for (const [code, template] of Object.entries(english[family])) {
    const literal = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
    const found = new RegExp(`^${literal.replace(FACT, '(?<$1>.+)')}$`, 's').exec(text);
    if (found) return { code, facts: found.groups };
  }
  return null;
}

function filled(text, facts = {}) {
  const form = text.other ? text[facts.count === 1 ? 'one' : 'other'] : text;
  return form.replace(FACT, (_, name, format) => (format ? formatted(facts[name], format) : facts[name]));
}
