// Files that are dragged onto the page.

import { dropped } from './pictures.js';

/** Calls `hover` with whether files are held over the page, and `take` with those that are let go. */
export function listenForDrops(hover, take) {
  let depth = 0; // how many nested elements the drag is inside of
  const mark = (change) => {
    depth = change === 0 ? 0 : depth + change;
    hover(depth > 0);
  };
  const on = (type, act) =>
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      act(event);
    });
  on('dragenter', () => mark(1));
  on('dragleave', () => mark(-1));
  on('dragover', (event) => (event.dataTransfer.dropEffect = 'copy'));
  on('drop', async (event) => {
    mark(0);
    take(await dropped(event.dataTransfer));
  });
}
