// Measures what a first visit loads in script, compressed, and fails when it passes 60 kB.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 60_000;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(readFileSync(fileURLToPath(new URL('../.svelte-kit/output/client/.vite/manifest.json', import.meta.url))));

/** A chunk and everything it imports at once. */
function withImports(key, seen) {
  if (seen.has(key)) return;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) withImports(next, seen);
}

/** Script a page asks for: the entries, the layouts (nodes 0 to 2: root, error, the shell) and the page itself. */
function weight(page) {
  const seen = new Set();
  const first = Object.keys(manifest).filter((key) => manifest[key].isEntry && /(entry|app)\.js$/.test(key));
  const layouts = Object.keys(manifest).filter((key) => /client-optimized\/nodes\/[012]\.js$/.test(key));
  for (const key of [...first, ...layouts, page]) withImports(key, seen);
  const paths = [...new Set([...seen].map((key) => join(dist, manifest[key].file)))].filter((path) => path.endsWith('.js'));
  return paths.reduce((sum, path) => sum + readFileSync(existsSync(`${path}.br`) ? `${path}.br` : path).length, 0);
}

const pages = Object.keys(manifest).filter((key) => /client-optimized\/nodes\/\d+\.js$/.test(key));
const weights = pages.map((page) => weight(page));
const [least, most] = [Math.min(...weights), Math.max(...weights)];
console.log(`first load: ${(least / 1000).toFixed(1)} to ${(most / 1000).toFixed(1)} kB of script (brotli), limit ${LIMIT / 1000} kB`);
if (most > LIMIT) process.exit(1);
