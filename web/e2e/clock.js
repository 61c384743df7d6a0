// A clock that a journey moves: the server's time (libfaketime adds what a file says to the machine's) and the pages' (Playwright's).
// What measures how long something takes stays real on both sides. Media children are started with an empty environment: theirs is
// the machine's.
import { mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

function library() {
  for (const folder of readdirSync(LIBRARIES)) {
    const at = join(LIBRARIES, folder, 'faketime');
    try {
      const found = readdirSync(at).find((name) => name === 'libfaketime.so.1');
      if (found) return join(at, found);
    } catch {
      // No such folder: the next one.
    }
  }
  throw new Error('there is no libfaketime: install what tests need (scripts/deps test)');
}

/** A clock that stands at an instant now and goes on from there. */
export function startClock(at) {
  const file = join(mkdtempSync(join(tmpdir(), 'twotake-clock-')), 'offset');
  const contexts = [];
  let offset = 0;
  const set = (to) => {
    offset = to.getTime() - Date.now();
    // Renamed into its place: the server reads it with every look at its clock, and never half of it.
    writeFileSync(`${file}.new`, `${offset < 0 ? '' : '+'}${(offset / 1000).toFixed(3)}\n`);
    renameSync(`${file}.new`, file);
  };
  set(at);
  const now = () => new Date(Date.now() + offset);
  return {
    now,
    env: { LD_PRELOAD: library(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    /** Pages of this context see this time from now on. */
    async tell(context) {
      contexts.push(context);
      await context.clock.install({ time: now() });
    },
    /** Jumps; open pages see it as well. What the server does by the clock it does within seconds, not at once. */
    async move(to) {
      set(to);
      for (const context of contexts) await context.clock.setSystemTime(now());
    },
  };
}
