// The dialog that asks for an API key.

import { t } from './words.js';

/** Asks for a key; the one that was typed, or null. */
export function askForKey(refused) {
  const [dialog, note, value] = ['key', 'key-note', 'key-value'].map((id) => document.getElementById(id));
  note.textContent = t(refused ? 'keyWrong' : 'keyNote');
  value.value = '';
  dialog.returnValue = '';
  dialog.showModal();
  value.focus();
  return new Promise((take) =>
    dialog.addEventListener('close', () => take(dialog.returnValue === 'ok' ? value.value.trim() : null), { once: true }),
  );
}
