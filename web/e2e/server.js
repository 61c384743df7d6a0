// Starts the real server on a data folder of its own and reads the two lines that matter from what it prints. It can be killed
// and started again on the same address.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = process.env.TWOTAKE_BINARY ?? process.env.TWOTAKE_BIN ?? join(root, 'target/debug/twotake');

/** With a clock (`clock.js`), the server's time is that clock's; settings are those of the environment and these.
 * @returns {Promise<{url: string, setup: string, kill: () => Promise<void>, again: () => Promise<void>, stop: () => Promise<void>}>} */
export async function startServer(clock = null, settings = {}) {
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: build it first (cargo build), or name one with TWOTAKE_BINARY`);
  const data = mkdtempSync(join(tmpdir(), 'twotake-e2e-'));
  const env = { ...clock?.env, ...settings };
  const first = start(data, '127.0.0.1:0', env);
  const setup = await first.says(/(http:\/\/\S*\/setup\?token=\S+)/);
  const url = await first.says(/listening on (http:\/\/\S+)/);
  let running = first;
  return {
    url, setup,
    kill: () => running.end('SIGKILL'),
    async again() {
      running = start(data, new URL(url).host, env);
      await running.says(/listening on (http:\/\/\S+)/);
    },
    async stop() {
      await running.end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function start(data, listen, env) {
  const child = spawn(binary, ['serve', '--data', data, '--listen', listen, '--second-pass', 'false'], { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  return {
    async says(pattern) {
      for (const until = Date.now() + 90_000; Date.now() < until && child.exitCode === null; ) {
        const found = log.replace(/\u001b\[[0-9;]*m/g, '').match(pattern)?.[1];
        if (found) return found;
        await new Promise((done) => setTimeout(done, 100));
      }
      throw new Error(`the server did not say ${pattern}:\n${log}`);
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await new Promise((done) => child.once('exit', done));
    },
  };
}
