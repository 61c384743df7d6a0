// Runs the journeys step by step and ends with one line of counts; with a name, only that one. After a step that fails the next
// ones still try.
import assert from 'node:assert/strict';
import { audited } from './browser.js';
import { captions } from './captions.js';
import { channels } from './channels.js';
import { goals } from './goals.js';
import { inbox } from './inbox.js';
import { journey } from './journey.js';
import { live } from './live.js';
import { push } from './push.js';
import { rounds } from './rounds.js';
import { unseen } from './routes.js';
import { search } from './search.js';
import { takes } from './takes.js';
import { week } from './week.js';

let passed = 0;
let failed = 0;

async function step(name, act) {
  const began = Date.now();
  try {
    await act();
    passed += 1;
    console.log(`ok      ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${String(error instanceof Error ? error.message : error).split('\n').slice(0, 12).join('\n        ')}`);
  }
}

const journeys = { journey, takes, live, goals, search, channels, rounds, inbox, captions, push, week };
const wanted = process.argv[2] ? [process.argv[2]] : Object.keys(journeys);
for (const name of wanted) {
  try {
    await journeys[name](step);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name} itself\n        ${error instanceof Error ? error.stack : error}`);
  }
}
// A page that is new has to be looked at by some journey.
if (wanted.length > 1) await step('axe has looked at every page of the app, light and dark', async () => assert.deepEqual(unseen(audited), []));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
