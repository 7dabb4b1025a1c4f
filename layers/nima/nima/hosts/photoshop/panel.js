// @ts-check
"use strict";

/**
 * The panel: sends the open document, as a JPEG of at most SIDE pixels, to POST /evaluate, and shows what it answers.
 * Nothing is written into the document. Of the page it uses what UXP has, which is less than what a browser has.
 */

const { app, core, imaging } = require("photoshop");
const { host, storage } = require("uxp");
const texts = require("./texts.js");

/**
 * What is said of the API's codes; `nima plugin` writes it.
 * @typedef {Record<string, string>} Names
 * @typedef {{ deductions: Record<string, { name: string }>, styles: Names, changes: Names, retakes: Names, heads: Names,
 *   populations: Names, errors: Names }} Said
 * @type {{ url: string, en: Said, "zh-CN": Said }}
 */
const words = require("./words.js");

/**
 * What the API answers, as far as it is shown.
 * @typedef {{ mean: number, std: number, distribution: number[],
 *   percentile?: { reference?: { value: number, population: string } } }} Score
 * @typedef {{ code: string, message: string }} Deduction
 * @typedef {{ code: string, change: string, parameters: Record<string, unknown>, message: string }} Advice
 * @typedef {{ technical: Score, aesthetic: Score, composite: { stars: number, score: number }, deductions: Deduction[],
 *   advice?: Advice[], model: { id: string, version: string } }} Answer
 */

const SIDE = 1600;
const KEY = "nima-api-key";
const RETAKE = "shoot_again";
const ANSWER_SECONDS = 60;
const BAR_PIXELS = 64;

/** @type {"en" | "zh-CN"} */
const language = host.uiLocale.startsWith("zh") ? "zh-CN" : "en";
const said = words[language];
const FACT = /{(\w+)(?::([^}]*))?}/g;

/** @param {unknown} value @param {string} form */
function formatted(value, form) {
  const number = Number(value);
  if (form === "down%") return `${Math.floor(number * 1000) / 10}%`;
  const digits = Number(/\.(\d)/.exec(form)?.[1] ?? 0);
  return form.endsWith("%") ? `${(number * 100).toFixed(digits)}%` : number.toFixed(digits);
}

/** @param {string} text @param {Record<string, unknown>} [facts] */
const filled = (text, facts = {}) =>
  text.replace(FACT, (_, name, form) => (form ? formatted(facts[name], form) : String(facts[name])));

/** @param {keyof typeof texts.en} name @param {Record<string, unknown>} [facts] */
const t = (name, facts) => filled(texts[language][name], facts);

/** @param {unknown} error */
const reason = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const field = () => /** @type {HTMLInputElement} */ (byId("key"));
const choice = () => /** @type {HTMLSelectElement} */ (byId("style"));

/** @param {string} tag @param {string} [text] @param {string} [name] */
function element(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

/** @param {string} id @param {Element[]} children */
function fill(id, children) {
  const parent = byId(id);
  while (parent.firstChild) parent.removeChild(parent.firstChild);
  for (const child of children) parent.appendChild(child);
}

/** The open document as a JPEG. @returns {Promise<Uint8Array>} */
function pixels() {
  return core.executeAsModal(
    async () => {
      const { id, width, height } = app.activeDocument;
      const wide = width >= height;
      const smaller = wide ? { width: SIDE } : { height: SIDE };
      const { imageData } = await imaging.getPixels({
        documentID: id,
        ...(Math.max(width, height) > SIDE ? { targetSize: smaller } : {}),
        colorSpace: "RGB",
        colorProfile: "sRGB IEC61966-2.1",
        componentSize: 8,
        applyAlpha: true,
      });
      try {
        const encoded = await imaging.encodeImageData({ imageData, base64: false });
        return Uint8Array.from(/** @type {number[]} */ (encoded));
      } finally {
        imageData.dispose();
      }
    },
    { commandName: "NIMA" },
  );
}

/** @template T @param {Promise<T>} promise @returns {Promise<T>} it, or an error where it takes too long */
function inTime(promise) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(t("late", { seconds: ANSWER_SECONDS }))), ANSWER_SECONDS * 1000);
  });
  return Promise.race([promise, late]);
}

/** @param {Uint8Array} jpeg @returns {Promise<Answer>} */
async function ask(jpeg) {
  const key = field().value;
  let response;
  let body;
  try {
    response = await inTime(
      fetch(`${words.url}/evaluate?advice=true&style=${choice().value}`, {
        method: "POST",
        headers: { "Content-Type": "image/jpeg", ...(key ? { "x-api-key": key } : {}) },
        body: jpeg,
      }),
    );
    body = await inTime(response.text());
  } catch (error) {
    throw new Error(t("unreachable", { reason: reason(error) }));
  }
  const known = parsed(body);
  if (response.ok && known.composite && known.technical && known.aesthetic) return known;
  if (response.ok) throw new Error(t("other", { url: words.url }));
  const { code, message = known.message } = known.error ?? {};
  const translated = language === "en" ? undefined : said.errors[code];
  throw new Error(translated ?? message ?? t("status", { status: response.status }));
}

/** @param {string} text @returns {any} what JSON it is; nothing where it is none */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** @param {Deduction} found */
const onDeduction = ({ code, message }) => (language === "en" ? message : (said.deductions[code]?.name ?? message));

/** What a population is called here, of which the API has the English name. @param {string} name */
function population(name) {
  for (const [code, template] of Object.entries(words.en.populations)) {
    const found = new RegExp(`^${template.replace(FACT, "(?<$1>.+)")}$`).exec(name);
    if (found) return filled(said.populations[code] ?? name, found.groups);
  }
  return name;
}

/** @param {Advice} found */
function onAdvice({ code, change, parameters, message }) {
  const text = change === RETAKE ? said.retakes[code] : said.changes[change];
  return text ? filled(text, parameters) : message;
}

/** @param {string} head @param {Score} score */
function distribution(head, score) {
  const bars = element("div", "", "distribution");
  const most = Math.max(...score.distribution);
  score.distribution.forEach((share, place) => {
    const bar = element("div");
    bar.style.height = `${Math.round((share / most) * BAR_PIXELS)}px`;
    bar.setAttribute("title", t("bar", { score: place + 1, share: (share * 100).toFixed(1) }));
    bars.appendChild(bar);
  });
  const reference = score.percentile?.reference;
  const beside =
    reference &&
    t("percentile", { percentile: Math.floor(reference.value), population: population(reference.population) });
  const title = `${said.heads[head]} ${score.mean.toFixed(2)} ± ${score.std.toFixed(2)}`;
  return [element("p", beside ? `${title}, ${beside}` : title, "head"), bars];
}

/** @param {string} id @param {string[]} lines */
function list(id, lines) {
  fill(
    id,
    lines.map((line) => element("p", `• ${line}`)),
  );
}

/** @param {Answer} answer */
function show({ technical, aesthetic, composite, deductions, advice, model }) {
  byId("stars").textContent = "★".repeat(Math.floor(composite.stars)) + (composite.stars % 1 ? "½" : "");
  byId("scores").textContent = t("scores", {
    stars: composite.stars,
    technical: technical.mean.toFixed(2),
    aesthetic: aesthetic.mean.toFixed(2),
    composite: composite.score.toFixed(2),
  });
  fill("distributions", [...distribution("technical", technical), ...distribution("aesthetic", aesthetic)]);
  list("reasons", deductions.length ? deductions.map(onDeduction) : [t("noReasons")]);
  list("advice", advice?.length ? advice.map(onAdvice) : [t("noAdvice")]);
  byId("model").textContent = `${model.id} ${model.version}`;
  byId("result").hidden = false;
}

async function judge() {
  const state = byId("state");
  byId("result").hidden = true;
  if (!app.documents.length) {
    state.textContent = t("none");
    return;
  }
  byId("say-judge").disabled = true;
  state.textContent = t("judging");
  try {
    const answer = await ask(await pixels());
    show(answer);
    state.textContent = "";
  } catch (error) {
    state.textContent = reason(error);
  } finally {
    byId("say-judge").disabled = false;
  }
}

/** Keeps the key, or that there is none. */
async function keepKey() {
  const { secureStorage } = storage;
  await (field().value ? secureStorage.setItem(KEY, field().value) : secureStorage.removeItem(KEY));
}

async function start() {
  byId("url").textContent = words.url;
  for (const name of /** @type {const} */ (["key", "style", "judge", "reasons", "advice"])) {
    byId(`say-${name}`).textContent = t(name);
  }
  for (const [code, name] of Object.entries(said.styles)) {
    const option = /** @type {HTMLOptionElement} */ (element("option", name));
    option.value = code;
    choice().appendChild(option);
  }
  choice().value = localStorage.getItem("style") ?? "general";
  choice().addEventListener("change", () => localStorage.setItem("style", choice().value));
  byId("say-judge").addEventListener("click", judge);
  field().addEventListener("change", () => keepKey().catch((error) => (byId("state").textContent = reason(error))));
  const kept = await storage.secureStorage.getItem(KEY).catch(() => null);
  if (!field().value && kept) field().value = String.fromCharCode(...kept);
}

document.addEventListener("DOMContentLoaded", start);
