// Requests to the server the page came from. The API key, where one is wanted, is kept for the tab.

const KEY = 'nima-api-key';
const ATTEMPTS = 4;
const FIRST_PAUSE = 1000;
const POLL = 1500;
const PATIENCE = 120_000;

/** A refusal: the server's code and message, or `offline`. */
export class Refusal extends Error {
  constructor(status, { code, message }) {
    super(message);
    Object.assign(this, { status, code });
  }
}

let askForKey = async () => null;
let asking = null;

/** Says how to ask for a key: a function of "was the last one refused" that resolves with a key or null. */
export function onKeyWanted(ask) {
  askForKey = ask;
}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

/** Asks for a key once, however many requests wait for it; whether there is a new one. */
export async function renewKey() {
  const refused = hasKey();
  asking ??= askForKey(refused).finally(() => (asking = null));
  const key = await asking;
  if (key) sessionStorage.setItem(KEY, key);
  return Boolean(key);
}

/** What the page has to know of the server. */
export const settings = async () => (await request('page/settings.json')).json();

/** Scores a picture, which is sent as a media type, without keeping it; the result document. */
export async function score(file, type) {
  const headers = { 'Content-Type': type };
  return (await request('evaluate', { method: 'POST', headers, body: file })).json();
}

/** Scores a picture once more, to say where in it scores and reasons lie: a file, or one in the bucket by its key. */
export async function locate(file, type) {
  const headers = { 'Content-Type': type };
  return (await request('evaluate?maps=true', { method: 'POST', headers, body: file })).json();
}
export const locateStored = async (key) =>
  (await request(`evaluate?${new URLSearchParams({ maps: true, key })}`, { method: 'POST' })).json();

/** Scores a picture once more, to try out what would help; `how` is the query's style or weights. */
export async function advise(file, type, how) {
  const query = new URLSearchParams({ advice: true, crops: true, ...how });
  return (await request(`evaluate?${query}`, { method: 'POST', headers: { 'Content-Type': type }, body: file })).json();
}
export const adviseStored = async (key, how) =>
  (await request(`evaluate?${new URLSearchParams({ advice: true, crops: true, key, ...how })}`, { method: 'POST' })).json();

/** Puts a picture into the bucket under a key, which scores it; the result document. `sent` is called in between. */
export async function store(file, type, key, sent) {
  const answer = await request('uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ key, content_type: type }),
  });
  const { url, fields } = await answer.json();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file); // S3 ignores what comes after it
  const taken = await reach(url, { method: 'POST', body: form });
  if (!taken.ok) throw new Refusal(taken.status, { code: 'internal', message: `The bucket answered ${taken.status}.` });
  sent();
  return result(key);
}

/** The document and the small view of a stored picture. */
export const stored = async (key) => (await request(image(key))).json();
export const thumbnail = async (key) => (await request(`${image(key)}/thumbnail`)).blob();

/** A page of a collection's ranking; `cursor` is that of the page before, or null. */
export async function ranking(id, cursor) {
  const query = new URLSearchParams({ limit: 100, ...(cursor && { cursor }) });
  return (await request(`collections/${encodeURIComponent(id)}/ranking?${query}`)).json();
}

/** How many pictures a category has, and how they are spread. */
export const stats = async (category) => (await request(`stats/${encodeURIComponent(category)}`)).json();

const image = (key) => `images/${encodeURIComponent(key)}`;

/** The document of a picture that was just sent, once it is there. */
async function result(key) {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await pause(POLL)) {
    try {
      return await stored(key);
    } catch (refusal) {
      if (refusal.code !== 'not_found') throw refusal;
    }
  }
  throw new Refusal(0, { code: 'timed_out', message: '' });
}

async function request(path, options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const key = sessionStorage.getItem(KEY);
    const answer = await reach(path, { ...options, headers: { ...options.headers, ...(key && { 'x-api-key': key }) } });
    if (answer.ok) return answer;
    const refusal = await refusalOf(answer);
    const keyless = refusal.code === 'unauthorized' || answer.status === 401;
    // Another request may have brought a key while this one was under way.
    if (keyless && (sessionStorage.getItem(KEY) !== key || (await renewKey()))) continue;
    if (keyless || attempt === ATTEMPTS || ![429, 503].includes(answer.status)) throw refusal;
    await pause(FIRST_PAUSE * 2 ** (attempt - 1));
  }
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Refusal(0, { code: 'offline', message: '' });
  }
}

async function refusalOf(answer) {
  try {
    return new Refusal(answer.status, (await answer.json()).error);
  } catch {
    return new Refusal(answer.status, { code: 'internal', message: `The server answered ${answer.status}.` });
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
