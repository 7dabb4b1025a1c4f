'use strict';
/** How many things a list gets at a time. */
const STEP = 30;
let rest = () => {};

/** Makes an element; `on...` are listeners, what is false or nothing is left out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Shows things in a place: those that are seen first at once, further ones as they come near, all of them to be printed. */
function fill(place, things, make, weight = () => 1) {
  place.ending?.disconnect();
  let done = 0;
  const end = h('div', { class: 'end', 'aria-hidden': 'true' });
  const holder = place.tagName === 'TBODY' ? place.closest('.scroll') : place;
  const more = (most) => {
    const made = [];
    for (let sum = 0; done < things.length && sum < most; done += 1) {
      made.push(make(things[done]));
      sum += weight(things[done]);
    }
    place.append(...made);
    if (done >= things.length) { place.ending.disconnect(); end.remove(); }
  };
  place.ending = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    place.ending.unobserve(end); // else it tells of no more, where the end is as near as before
    more(STEP);
    if (end.isConnected) place.ending.observe(end);
  }, { rootMargin: '1200px' });
  place.replaceChildren();
  holder.parentElement?.querySelector(':scope > .end')?.remove();
  holder.after(end);
  place.ending.observe(end);
  rest = () => more(Infinity);
  more(STEP);
}

window.addEventListener('beforeprint', () => rest());
