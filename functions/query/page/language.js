// The page's language: Simplified Chinese where the browser prefers any Chinese, else English.

import { t, use } from './words.js';

const ENGLISH = 'en';
const CHINESE = 'zh-CN';

/** Fetches the words and puts those into the page that stand in its markup. */
export async function chooseLanguage(languages = navigator.languages) {
  const wanted = languages.map((language) => language.toLowerCase()).find((language) => /^(en|zh)\b/.test(language));
  const [english, chosen = english] = await Promise.all([ENGLISH, ...(wanted?.startsWith('zh') ? [CHINESE] : [])].map(fetched));
  use(chosen, english);
  document.documentElement.lang = chosen.language;
  document.title = t('title');
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  return chosen;
}

const fetched = async (language) => (await fetch(`page/words/${language}.json`)).json();
