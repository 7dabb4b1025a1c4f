// Pictures that are fetched when they come into view.

import { picture } from './parts.js';

const BEFORE = '300px'; // how far off they are when that begins
const wanted = new WeakMap();
const observer = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      wanted.get(target)();
    }
  },
  { rootMargin: BEFORE },
);

/** A candidate's picture, like `picture`; where only the server has it, in place of an empty one as soon as it is seen. */
export function view(candidate, shape, alt = candidate.name) {
  const shown = picture(candidate.url, candidate.name, shape, alt);
  if (candidate.url || !candidate.fetchView) return shown;
  wanted.set(shown, async () => {
    const url = await candidate.fetchView();
    if (url) shown.replaceWith(picture(url, candidate.name, shape, alt));
  });
  observer.observe(shown);
  return shown;
}
