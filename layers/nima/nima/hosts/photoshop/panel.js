"use strict";

/**
 * The panel: sends the open document, as a JPEG of at most SIDE pixels, to POST /evaluate, and shows what it answers.
 * Nothing is written into the document.
 */

const { app, core, imaging } = require("photoshop");
const { host, storage } = require("uxp");
const texts = require("./texts.js");
const words = require("./words.js");

const SIDE = 1600;
const KEY = "nima-api-key";
const RETAKE = "shoot_again";

const language = host.uiLocale.startsWith("zh") ? "zh-CN" : "en";
const FACT = /{(\w+)(?::([^}]*))?}/g;

/** @param {unknown} value @param {string} form @returns {string} */
function formatted(value, form) {
  const number = Number(value);
  if (form === "down%") return `${Math.floor(number * 1000) / 10}%`;
  const digits = Number(/\.(\d)/.exec(form)?.[1] ?? 0);
  return form.endsWith("%") ? `${(number * 100).toFixed(digits)}%` : number.toFixed(digits);
}

/** @param {string} text @param {Record<string, unknown>} facts @returns {string} */
const filled = (text, facts = {}) =>
  text.replace(FACT, (_, name, form) => (form ? formatted(facts[name], form) : String(facts[name])));

/** @param {string} name @param {Record<string, unknown>} [facts] @returns {string} */
const t = (name, facts) => filled(texts[language][name], facts);

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** @param {string} tag @param {string} [text] @param {string} [name] @returns {any} */
function element(tag, text = "", name = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

/** The open document as a JPEG. @returns {Promise<Uint8Array>} */
function pixels() {
  return core.executeAsModal(
    async () => {
      const { id, width, height } = app.activeDocument;
      const longest = Math.max(width, height);
      const size = longest > SIDE ? { [width >= height ? "width" : "height"]: SIDE } : undefined;
      const { imageData } = await imaging.getPixels({
        documentID: id,
        targetSize: size,
        colorSpace: "RGB",
        colorProfile: "sRGB IEC61966-2.1",
        componentSize: 8,
        applyAlpha: true,
      });
      try {
        return Uint8Array.from(await imaging.encodeImageData({ imageData, base64: false }));
      } finally {
        imageData.dispose();
      }
    },
    { commandName: "NIMA" },
  );
}

/** @param {Uint8Array} jpeg @returns {Promise<any>} the API's document */
async function ask(jpeg) {
  const address = byId("url").value.replace(/\/+$/, "");
  let response;
  try {
    response = await fetch(`${address}/evaluate?advice=true&style=${byId("style").value}`, {
      method: "POST",
      headers: { "Content-Type": "image/jpeg", "x-api-key": byId("key").value },
      body: jpeg,
    });
  } catch (error) {
    throw new Error(t("unreachable", { reason: error.message }));
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const message = body.error?.message ?? body.message ?? `HTTP ${response.status}`;
    throw new Error(t("refused", { message }));
  }
  return body;
}

/** @param {any} found @returns {string} */
const onDeduction = ({ code, message }) => (language === "en" ? message : (words[language].deductions[code]?.name ?? message));

/** What a population is called here, of which the API has the English name. @param {string} name @returns {string} */
function population(name) {
  for (const [code, template] of Object.entries(words.en.populations)) {
    const found = new RegExp(`^${template.replace(FACT, "(?<$1>.+)")}$`).exec(name);
    if (found) return filled(words[language].populations[code], found.groups);
  }
  return name;
}

/** @param {any} found @returns {string} */
function onAdvice({ code, change, parameters, message }) {
  const text = change === RETAKE ? words[language].retakes[code] : words[language].changes[change];
  return text ? filled(text, parameters) : message;
}

/** @param {string} head @param {any} score */
function distribution(head, score) {
  const bars = element("div", "", "distribution");
  const most = Math.max(...score.distribution);
  score.distribution.forEach((/** @type {number} */ share, /** @type {number} */ place) => {
    const bar = element("div");
    bar.style.height = `${Math.round((share / most) * 64)}px`;
    bar.title = t("bar", { score: place + 1, share: (share * 100).toFixed(1) });
    bars.appendChild(bar);
  });
  const reference = score.percentile?.reference;
  const beside =
    reference &&
    t("percentile", { percentile: Math.floor(reference.value), population: population(reference.population) });
  const title = `${words[language].heads[head]} ${score.mean.toFixed(2)} ± ${score.std.toFixed(2)}`;
  return [element("p", beside ? `${title}, ${beside}` : title, "head"), bars];
}

/** @param {string} id @param {string[]} lines */
function list(id, lines) {
  byId(id).replaceChildren(...lines.map((line) => element("li", line)));
}

/** @param {any} answer */
function show(answer) {
  const { technical, aesthetic, composite, deductions, advice, model } = answer;
  byId("stars").textContent = "★".repeat(Math.floor(composite.stars)) + (composite.stars % 1 ? "½" : "");
  byId("stars").title = t("stars", { stars: composite.stars });
  byId("scores").textContent = t("scores", {
    technical: technical.mean.toFixed(2),
    aesthetic: aesthetic.mean.toFixed(2),
    composite: composite.score.toFixed(2),
  });
  byId("distributions").replaceChildren(...distribution("technical", technical), ...distribution("aesthetic", aesthetic));
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
  byId("judge").disabled = true;
  state.textContent = t("judging");
  try {
    const answer = await ask(await pixels());
    state.textContent = "";
    show(answer);
  } catch (error) {
    state.textContent = error.message;
  } finally {
    byId("judge").disabled = false;
  }
}

async function start() {
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const [code, name] of Object.entries(words[language].styles)) {
    const option = element("option", name);
    option.value = code;
    byId("style").appendChild(option);
  }
  byId("url").value = localStorage.getItem("url") ?? words.url;
  byId("style").value = localStorage.getItem("style") ?? "general";
  const kept = await storage.secureStorage.getItem(KEY).catch(() => null);
  byId("key").value = kept ? String.fromCharCode(...kept) : "";
  for (const id of ["url", "style"]) byId(id).addEventListener("change", () => localStorage.setItem(id, byId(id).value));
  byId("key").addEventListener("change", () => storage.secureStorage.setItem(KEY, byId("key").value));
  byId("judge").addEventListener("click", judge);
}

document.addEventListener("DOMContentLoaded", start);
