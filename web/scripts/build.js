// Builds the web app into dist/, then the player beside it, names the font in index.html so that it
// arrives with the style sheet, and leaves a .br and a .gz next to everything that is text.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const web = fileURLToPath(new URL('..', import.meta.url));
const dist = join(web, 'dist');

/** Every file below a folder. */
function files(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

/** The font as a link in the head of index.html (SvelteKit names the scripts and the style sheet itself). */
function nameFont() {
  const index = join(dist, 'index.html');
  const font = readdirSync(join(dist, '_app/immutable/assets')).find((name) => name.endsWith('.woff2'));
  if (!font) throw new Error('the font is missing from the build');
  const link = `<link rel="preload" href="/_app/immutable/assets/${font}" as="font" type="font/woff2" crossorigin>`;
  writeFileSync(index, readFileSync(index, 'utf8').replace('</head>', `${link}\n  </head>`));
}

function compress(path) {
  const bytes = readFileSync(path);
  if (bytes.length < 256) return;
  const best = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: best }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

const run = (command, ...args) => execFileSync(command, args, { cwd: web, stdio: 'inherit' });
run('npx', 'vite', 'build', '--logLevel', 'warn');
nameFont();
if (existsSync(join(web, 'player/vite.config.ts'))) run('node', 'scripts/player.js');
files(dist).filter((path) => /\.(html|js|css|svg|json|webmanifest|txt)$/.test(path)).forEach(compress);
