"use strict";

/**
 * Photoshop without Photoshop: runs the panel's own files against strict stand-ins for `photoshop`, `uxp` and the page.
 * What the hosts do not have raises an error when it is asked for. Reads its task as JSON from standard input: the
 * panel's folder, the open document (a JPEG's path and size, or none), the locale, the key and the address; writes what
 * the panel shows.
 */

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const task = JSON.parse(fs.readFileSync(0, "utf-8"));

const strict = (name, members) =>
  new Proxy(members, {
    get(target, key) {
      if (key in target || typeof key === "symbol" || key === "then") return target[key];
      throw new Error(`${name} has no member ${String(key)}`);
    },
    set(target, key, value) {
      if (!(key in target)) throw new Error(`${name} takes no member ${String(key)}`);
      target[key] = value;
      return true;
    },
  });

class Element {
  constructor(tag) {
    this.tag = tag;
    this.children = [];
    this.listeners = {};
    this.style = strict("style", { height: "" });
    this.dataset = {};
    Object.assign(this, { textContent: "", className: "", title: "", value: "", hidden: false, disabled: false });
    return new Proxy(this, {
      set(target, key, value) {
        if (!(key in target)) throw new Error(`an element takes no member ${String(key)}`);
        target[key] = typeof target[key] === "string" ? String(value) : value;
        return true;
      },
    });
  }
  appendChild(child) {
    this.children.push(child);
  }
  replaceChildren(...children) {
    this.children = children;
  }
  addEventListener(name, action) {
    this.listeners[name] = action;
  }
}

const page = fs.readFileSync(path.join(task.panel, "index.html"), "utf-8");
const byId = new Map();
const worded = [];
for (const [, tag, attributes] of page.matchAll(/<(\w+)([^>]*)>/g)) {
  const element = new Element(tag);
  const id = / id="([^"]+)"/.exec(attributes)?.[1];
  if (id) byId.set(id, element);
  const text = / data-text="([^"]+)"/.exec(attributes)?.[1];
  if (text) {
    element.dataset.text = text;
    worded.push(element);
  }
}

let begin;
let modal = false;
let disposed = 0;
const kept = new Map(task.key ? [["nima-api-key", new TextEncoder().encode(task.key)]] : []);
const stored = new Map(Object.entries(task.stored ?? {}));

globalThis.document = strict("document", {
  getElementById: (id) => byId.get(id) ?? null,
  createElement: (tag) => new Element(tag),
  querySelectorAll: (selector) => {
    if (selector !== "[data-text]") throw new Error(`no element is ${selector}`);
    return worded;
  },
  addEventListener: (name, action) => {
    if (name === "DOMContentLoaded") begin = action;
  },
});
Object.defineProperty(globalThis, "localStorage", {
  value: strict("localStorage", {
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => stored.set(name, value),
  }),
});
const domains = JSON.parse(fs.readFileSync(path.join(task.panel, "manifest.json"), "utf-8")).requiredPermissions.network.domains;
const reach = globalThis.fetch;
globalThis.fetch = (url, options) => {
  if (!domains.includes(new URL(url).origin)) throw new Error(`the manifest does not allow ${url}`);
  return reach(url, options);
};

const OPTIONS = ["documentID", "targetSize", "sourceBounds", "colorSpace", "colorProfile", "componentSize", "applyAlpha"];
const opened = task.document && strict("Document", { id: 7, width: task.document.width, height: task.document.height });
const hosts = {
  photoshop: strict("photoshop", {
    app: strict("app", { documents: opened ? [opened] : [], activeDocument: opened }),
    core: strict("core", {
      executeAsModal: async (action, options) => {
        if (!options.commandName) throw new Error("a modal scope has a name");
        modal = true;
        try {
          return await action();
        } finally {
          modal = false;
        }
      },
    }),
    imaging: strict("imaging", {
      getPixels: async (options) => {
        if (!modal) throw new Error("pixels are read outside of a modal scope");
        for (const name of Object.keys(options)) if (!OPTIONS.includes(name)) throw new Error(`getPixels takes no ${name}`);
        const size = options.targetSize;
        if (size && !(size.width <= opened.width || size.height <= opened.height)) throw new Error("it is enlarged");
        return { imageData: strict("ImageData", { dispose: () => (disposed += 1), size }) };
      },
      encodeImageData: async ({ base64 }) => {
        if (!modal || base64 !== false) throw new Error("it is encoded wrongly");
        return [...fs.readFileSync(task.document.path)];
      },
    }),
  }),
  uxp: strict("uxp", {
    host: strict("host", { uiLocale: task.locale }),
    storage: strict("storage", {
      secureStorage: strict("secureStorage", {
        getItem: async (name) => kept.get(name) ?? null,
        setItem: async (name, value) => void kept.set(name, value),
      }),
    }),
  }),
};
const load = Module._load;
Module._load = (name, ...rest) => hosts[name] ?? load(name, ...rest);

const text = (element) => (element.children.length ? element.children.map(text) : element.textContent);

(async () => {
  require(path.join(task.panel, "panel.js"));
  await begin();
  await byId.get("judge").listeners.click();
  const shown = Object.fromEntries([...byId].map(([id, element]) => [id, text(element)]));
  const bars = byId.get("distributions").children.filter((one) => one.className === "distribution");
  process.stdout.write(
    JSON.stringify({
      shown,
      titles: worded.map((one) => one.textContent),
      hidden: byId.get("result").hidden,
      bars: bars.map((one) => one.children.map((bar) => [bar.style.height, bar.title])),
      styles: byId.get("style").children.map((one) => one.value),
      disposed,
    }),
  );
})().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
