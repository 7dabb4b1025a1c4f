// Begins the report that the server makes, which has these modules and its data within itself.

import { sheet } from './sheet.js';
import { use } from './words.js';

const embedded = JSON.parse(document.getElementById('embedded').textContent);
use(embedded.words, embedded.english ?? embedded.words);
document.body.append(sheet(embedded.result, embedded.result.image.key, embedded.thumbnail));
