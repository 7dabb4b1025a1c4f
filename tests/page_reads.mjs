// What the page's modules read of the API's documents: they draw each case that comes in, outside a browser.
// Prints, for each case, the members that were asked for, and the problems: members that are not there, and what broke.

const input = await new Promise((take) => {
  let text = '';
  process.stdin.on('data', (part) => (text += part)).on('end', () => take(JSON.parse(text)));
});

let shown = [];

/** As much of an element as the modules use. */
class Element {
  constructor() {
    this.style = { setProperty: (name, value) => shown.push(`${name}: ${value}`) };
    this.dataset = {};
  }
  setAttribute(name, value) {
    shown.push(`${name}="${value}"`);
  }
  append(...children) {
    shown.push(...children.filter((child) => !(child instanceof Element)).map(String));
  }
  replaceChildren(...children) {
    this.append(...children);
  }
  querySelector() {
    return new Element();
  }
  addEventListener() {}
  showModal() {}
  focus() {}
}

globalThis.document = { createElement: () => new Element(), createElementNS: () => new Element(), head: new Element() };
globalThis.IntersectionObserver = class { observe() {} };
globalThis.sessionStorage = { getItem: () => null };

const load = (name) => import(`${input.page}/${name}.js`);
const [{ use }, { sheet }, ranking, { card, recommendation, refusals }, csv, details] = await Promise.all(
  ['words', 'sheet', 'ranking', 'card', 'csv', 'details'].map(load),
);
let drawings = 0;

/** The same value, which tells who asks for which of its members, and for one that is not there. */
function watched(value, path, log) {
  if (typeof value !== 'object' || value === null) return value;
  let copied = null;
  return new Proxy(value, {
    getOwnPropertyDescriptor(target, name) {
      copied = name; // in a spread, which takes what is there and needs none of it
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    get(target, name) {
      const content = target[name];
      if (typeof name === 'symbol' || name === 'then') return content;
      const whole = Array.isArray(target) ? `${path}[]` : `${path}.${name}`;
      if (!Array.isArray(target)) {
        if (!(name in target)) log.missing.add(whole);
        else if (copied !== name) log.reads.add(whole);
      }
      copied = null;
      return watched(content, whole, log);
    },
  });
}

async function draw(one, language, log) {
  use(input.words[language], input.words.en);
  const stored = await import(`${input.page}/stored.js?${(drawings += 1)}`); // a new one, which remembers nothing
  const seen = (name) => watched(one[name], name, log);
  globalThis.fetch = async (url) => ({
    ok: true,
    json: async () => seen(url.startsWith('images/') ? 'result' : url.startsWith('stats/') ? 'stats' : 'ranking'),
  });
  const { settings } = input;
  const style = { name: 'general', ...settings.styles.general };
  const candidate = (document, key) => ({ document, key, name: key, id: key, url: null, folder: '' });

  sheet(seen('result'), 'whole', 'data:,');
  sheet(seen('rejected'), 'refused', null);
  refusals([{ key: 'refused', error: seen('rejected').error }], {});
  const whole = candidate(await stored.whole('whole', settings), 'whole');
  const composite = ranking.compose(seen('result'), style, settings);
  const pair = [whole, candidate(seen('result'), 'other')].map((found) => ({ candidate: found, composite }));
  details.showDetails(new Element(), whole, composite, { neighbours: [], actions: {} });
  details.showComparison(new Element(), pair);
  const listed = await stored.listed(['collection'], settings.policy);
  const scored = listed.filter(({ document }) => document);
  const found = scored.map((item) => candidate(watched(item.document, 'listed', log), item.stored));
  for (const strict of [false, true]) {
    for (const candidates of [found, [candidate(seen('result'), 'whole')]]) {
      const ranked = ranking.rank(candidates, style, settings, strict);
      recommendation(ranked, { ...settings, strict });
      for (const entry of ranked.entries) card(entry, { ...settings, actions: {} });
      const refused = listed.filter(({ error }) => error).map(({ stored: key, error }) => ({ key, error }));
      shown.push(csv.toCsv(ranked.entries, refused, settings.policy));
    }
  }
}

const report = [];
for (const one of input.cases) {
  const log = { missing: new Set(), reads: new Set() };
  const problems = [];
  for (const language of Object.keys(input.words)) {
    shown = [];
    try {
      await draw(one, language, log);
    } catch (error) {
      problems.push(error.stack);
    }
    problems.push(...shown.filter((text) => /undefined|NaN|\[object/.test(text)));
  }
  report.push({ reads: [...log.reads], problems: [...log.missing, ...problems] });
}
process.stdout.write(JSON.stringify(report), () => process.exit());
