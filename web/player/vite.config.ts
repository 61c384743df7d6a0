// Builds <twotake-player> to web/dist/player: player.js under a stable name, a copy under a hashed one for pages that may
// cache it for ever, and our cut of hls.js as a file of its own that is loaded only when it is needed.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// hls.js is built from its sources: its published light build drops shared audio renditions, which our playlists have.
const hls = {
  __USE_ALT_AUDIO__: 'true',
  __USE_CMCD__: 'false',
  __USE_CONTENT_STEERING__: 'false',
  __USE_EME_DRM__: 'false',
  __USE_IFRAMES__: 'false',
  __USE_INTERSTITIALS__: 'false',
  __USE_M2TS_ADVANCED_CODECS__: 'false',
  __USE_MEDIA_CAPABILITIES__: 'false',
  __USE_SUBTITLES__: 'false',
  __USE_VARIABLE_SUBSTITUTION__: 'false',
  __IN_WORKER__: 'false',
  __HLS_WORKER_BUNDLE__: 'undefined',
  __VERSION__: '"twotake"',
};

/** What the player may weigh: a card in a page elsewhere must be instant. */
const BUDGET = 8 * 1024;

function hashedCopy(): Plugin {
  return {
    name: 'hashed-copy',
    generateBundle(_, bundle) {
      const entry = bundle['player.js'];
      if (entry?.type !== 'chunk') return;
      const weight = brotliCompressSync(entry.code).length;
      if (weight > BUDGET) this.error(`the player weighs ${weight} bytes of brotli; its budget is ${BUDGET}`);
      const hash = createHash('sha256').update(entry.code).digest('base64url').replace(/[-_]/g, '').slice(0, 8);
      this.emitFile({ type: 'asset', fileName: `player-${hash}.js`, source: entry.code });
    },
  };
}

export default defineConfig({
  root: here('.'),
  publicDir: false,
  define: hls,
  resolve: {
    alias: [
      { find: 'hls-source', replacement: here('../node_modules/hls.js/src/hls.ts') },
      // Advertising and steering helpers that hls.js imports by name and we cut away.
      { find: /^@svta\/.*/, replacement: here('../node_modules/hls.js/src/empty-es.js') },
    ],
  },
  build: {
    outDir: here('../dist/player'),
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // Library mode leaves out the preload helper of a page's build; it also leaves in white space, hence `minify` below.
    lib: { entry: { player: here('src/player.ts') }, formats: ['es'] },
    rolldownOptions: {
      output: { minify: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  plugins: [hashedCopy()],
});
