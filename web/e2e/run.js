// Runs the journeys step by step and ends with one line of counts; with a name, only that one. After a step that fails the next
// ones still try.
import { captions } from './captions.js';
import { channels } from './channels.js';
import { goals } from './goals.js';
import { inbox } from './inbox.js';
import { journey } from './journey.js';
import { live } from './live.js';
import { rounds } from './rounds.js';
import { search } from './search.js';
import { takes } from './takes.js';

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

const journeys = { journey, takes, live, goals, search, channels, rounds, inbox, captions };
const wanted = process.argv[2] ? [process.argv[2]] : Object.keys(journeys);
for (const name of wanted) {
  try {
    await journeys[name](step);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name} itself\n        ${error instanceof Error ? error.stack : error}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
