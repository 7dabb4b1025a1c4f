"use strict";

/**
 * Photoshop without Photoshop: runs the panel's own files against strict stand-ins for `photoshop`, `uxp` and the page.
 * What the hosts do not have raises an error when it is asked for, and so does what is called in another way than theirs.
 * Reads its task as JSON from standard input: the panel's folder, the open document (a JPEG's path and size, or none),
 * the locale and the key; writes what the panel shows.
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

/** A function that takes options of these names and types alone. */
const takes = (name, options, action) => (given, ...rest) => {
  if (rest.length) throw new Error(`${name} takes one argument`);
  for (const [key, value] of Object.entries(given)) {
    if (!(key in options)) throw new Error(`${name} takes no ${key}`);
    if (typeof value !== options[key]) throw new Error(`${key} of ${name} is no ${typeof value}`);
  }
  return action(given);
};

const VALUES = ["input", "select", "option"];

/** As much of UXP's elements as is used: no `replaceChildren`, no `title`, no attributes of one's own. */
function element(tag) {
  const children = [];
  const listeners = {};
  const attributes = {};
  const members = {
    style: strict("style", { height: "" }),
    textContent: "",
    className: "",
    hidden: false,
    disabled: false,
    ...(VALUES.includes(tag) ? { value: "" } : {}),
    get firstChild() {
      return children[0] ?? null;
    },
    appendChild: (child) => {
      if (!made.has(child)) throw new Error("a child is an element");
      children.push(child);
      return child;
    },
    removeChild: (child) => {
      if (!children.includes(child)) throw new Error("it is no child");
      children.splice(children.indexOf(child), 1);
      return child;
    },
    addEventListener: (name, action) => (listeners[name] = action),
    setAttribute: (name, value) => {
      if (name !== "title") throw new Error(`an element has no attribute ${name}`);
      attributes[name] = String(value);
    },
  };
  const one = new Proxy(strict("an element", members), {
    set(target, key, value) {
      target[key] = typeof target[key] === "string" ? String(value) : value;
      return true;
    },
  });
  made.set(one, { children, listeners, attributes });
  return one;
}
const made = new Map();

const page = fs.readFileSync(path.join(task.panel, "index.html"), "utf-8");
const byId = new Map();
for (const [, tag, attributes] of page.matchAll(/<(\w+)([^>]*)>/g)) {
  const id = / id="([^"]+)"/.exec(attributes)?.[1];
  if (id) byId.set(id, element(tag));
}

let begin;
let modal = 0;
const images = new Set();
let disposed = 0;
const kept = new Map(task.key ? [["nima-api-key", new TextEncoder().encode(task.key)]] : []);
const stored = new Map(Object.entries(task.stored ?? {}));

globalThis.document = strict("document", {
  getElementById: (id) => byId.get(id) ?? null,
  createElement: (tag) => element(tag),
  addEventListener: (name, action) => {
    if (name !== "DOMContentLoaded") throw new Error(`the document has no ${name}`);
    begin = action;
  },
});
Object.defineProperty(globalThis, "localStorage", {
  value: strict("localStorage", {
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => stored.set(name, String(value)),
  }),
});
const manifest = JSON.parse(fs.readFileSync(path.join(task.panel, "manifest.json"), "utf-8"));
const domains = manifest.requiredPermissions.network.domains;
const native = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
globalThis.setTimeout = (action, milliseconds) => native.setTimeout(action, milliseconds * (task.pace ?? 1)).unref();

const OPTIONS = { method: "string", headers: "object", body: "object" };
globalThis.fetch = (url, options) => {
  if (!domains.includes(new URL(url).origin)) throw new Error(`the manifest does not allow ${url}`);
  if (!(options.body instanceof Uint8Array)) throw new Error("a body is bytes");
  return takes("fetch", OPTIONS, (given) => native.fetch(url, given))(options);
};

const PIXELS = {
  documentID: "number",
  targetSize: "object",
  sourceBounds: "object",
  colorSpace: "string",
  colorProfile: "string",
  componentSize: "number",
  applyAlpha: "boolean",
};
const opened = task.document && strict("Document", { id: 7, width: task.document.width, height: task.document.height });
const needsModal = (what) => {
  if (!modal) throw new Error(`${what} is called outside of a modal scope`);
};
const hosts = {
  photoshop: strict("photoshop", {
    app: strict("app", { documents: opened ? [opened] : [], activeDocument: opened }),
    core: strict("core", {
      executeAsModal: async (action, options) => {
        takes("executeAsModal", { commandName: "string", interactive: "boolean" }, () => {})(options);
        if (!options.commandName) throw new Error("a modal scope has a name");
        if (modal || task.modal) throw new Error("host is in a modal state");
        modal += 1;
        try {
          return await action(strict("executionContext", { isCancelled: false }));
        } finally {
          modal -= 1;
        }
      },
    }),
    imaging: strict("imaging", {
      getPixels: takes("getPixels", PIXELS, async ({ targetSize: size, colorSpace, applyAlpha }) => {
        needsModal("getPixels");
        if (size && Object.keys(size).length !== 1) throw new Error("one side gives the other");
        if (size && !(size.width < opened.width || size.height < opened.height)) throw new Error("it is enlarged");
        const imageData = strict("ImageData", {
          colorSpace,
          hasAlpha: !applyAlpha,
          dispose: () => {
            images.delete(imageData);
            disposed += 1;
          },
        });
        images.add(imageData);
        return strict("pixels", { imageData, level: 0, sourceBounds: {} });
      }),
      encodeImageData: takes("encodeImageData", { imageData: "object", base64: "boolean" }, async (given) => {
        needsModal("encodeImageData");
        if (!images.has(given.imageData)) throw new Error("there are no pixels any more");
        if (given.imageData.hasAlpha || given.imageData.colorSpace !== "RGB") throw new Error("JPEG has no such pixels");
        const bytes = fs.readFileSync(task.document.path);
        return given.base64 === false ? [...bytes] : bytes.toString("base64");
      }),
    }),
  }),
  uxp: strict("uxp", {
    host: strict("host", { uiLocale: task.locale, name: "Photoshop", version: "24.4.0" }),
    storage: strict("storage", {
      secureStorage: strict("secureStorage", {
        getItem: async (name) => kept.get(name) ?? null,
        setItem: async (name, value) => {
          if (!value) throw new Error("nothing is no value");
          kept.set(name, new TextEncoder().encode(value));
        },
        removeItem: async (name) => void kept.delete(name),
      }),
    }),
  }),
};
const load = Module._load;
Module._load = (name, ...rest) => {
  if (hosts[name]) return hosts[name];
  if (name.startsWith("./") || path.isAbsolute(name)) return load(name, ...rest);
  throw new Error(`UXP has no module ${name}`);
};

const text = (one) => {
  const { children } = made.get(one);
  return children.length ? children.map(text) : one.textContent;
};

// What Node has and UXP has not is hidden from the panel's files alone.
const HIDDEN = ["window", "navigator", "process", "AbortController", "TextDecoder", "Buffer", "XMLSerializer"];
Module.wrapper[0] = Module.wrapper[0].replace(") {", `, ${HIDDEN.join(", ")}) {`);

(async () => {
  require(path.join(task.panel, "panel.js"));
  await begin();
  for (const [id, value] of Object.entries(task.typed ?? {})) {
    byId.get(id).value = value;
    await made.get(byId.get(id)).listeners.change();
  }
  for (let press = 0; press < (task.presses ?? 1); press += 1) await made.get(byId.get("say-judge")).listeners.click();
  const shown = Object.fromEntries([...byId].map(([id, one]) => [id, text(one)]));
  const bars = made.get(byId.get("distributions")).children.filter((one) => one.className === "distribution");
  const bar = (one) => [one.style.height, made.get(one).attributes.title];
  const answer = {
    shown,
    hidden: byId.get("result").hidden,
    pressable: !byId.get("say-judge").disabled,
    bars: bars.map((one) => made.get(one).children.map(bar)),
    styles: made.get(byId.get("style")).children.map((one) => one.value),
    stored: Object.fromEntries(stored),
    keys: kept.size,
    disposed,
    leaked: images.size,
  };
  fs.writeSync(1, JSON.stringify(answer));
  process.exit(0); // whatever is still waited for
})().catch((error) => {
  fs.writeSync(2, `${error.stack}\n`);
  process.exit(1);
});
