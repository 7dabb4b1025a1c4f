// Elements from code; text is only ever set as text, never parsed.

const SVG = 'http://www.w3.org/2000/svg';

/** An HTML element: attributes (`on…` are listeners, true and false switch), then children; null ones are left out. */
export const h = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/** The same for SVG. */
export const s = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.startsWith('--')) element.style.setProperty(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts new children into an element and keeps the focus on what carries the same `data-focus`. */
export function replace(element, ...children) {
  const focus = element.contains(document.activeElement) && document.activeElement.dataset.focus;
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focus) element.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

/** Lets the children of a list glide from where they were, once `change` has put them into their new order. */
export function glide(list, change) {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const before = new Map([...list.children].map((child) => [child.dataset.id, child.getBoundingClientRect().top]));
  change();
  if (still) return;
  for (const child of list.children) {
    const was = before.get(child.dataset.id);
    const moved = was === undefined ? 0 : was - child.getBoundingClientRect().top;
    if (moved) {
      child.animate([{ transform: `translateY(${moved}px)` }, { transform: 'none' }], { duration: 380, easing: 'ease' });
    }
  }
}
