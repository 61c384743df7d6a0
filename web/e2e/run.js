// Runs the journey step by step and ends with one line of counts. A step that fails leaves a picture; the next ones still try.
import { journey } from './journey.js';

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

try {
  await journey(step);
} catch (error) {
  failed += 1;
  console.log(`FAILED  the journey itself\n        ${error instanceof Error ? error.stack : error}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
