// Starts the real server on a data folder of its own and reads the two lines that matter from what it prints.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = process.env.TWOTAKE_BINARY ?? process.env.TWOTAKE_BIN ?? join(root, 'target/debug/twotake');

/** @returns {Promise<{url: string, setup: string, log: () => string, stop: () => Promise<void>}>} */
export async function startServer() {
  if (!existsSync(binary)) throw new Error(`there is no ${binary}: build it first (cargo build), or name one with TWOTAKE_BINARY`);
  const data = mkdtempSync(join(tmpdir(), 'twotake-e2e-'));
  const child = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text));
  const found = (pattern) => log.match(pattern)?.[1];
  const plain = () => (log = log.replace(/\u001b\[[0-9;]*m/g, ''));
  const until = Date.now() + 90_000;
  while (Date.now() < until && child.exitCode === null) {
    plain();
    const url = found(/listening on (http:\/\/\S+)/);
    const setup = found(/(http:\/\/\S*\/setup\?token=\S+)/);
    if (url && setup) {
      const stop = async () => {
        child.kill('SIGTERM');
        await new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done()));
        rmSync(data, { recursive: true, force: true });
      };
      return { url, setup, log: () => log, stop };
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`the server did not start:\n${log}`);
}
