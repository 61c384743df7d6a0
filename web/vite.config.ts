import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the app from its source and hands everything else to a running server.
const server = process.env.TWOTAKE_URL ?? 'http://127.0.0.1:8080';
const handed = ['/api', '/media', '/player', '/embed', '/oembed', '/health'];

// What every page needs lies in one chunk: in twenty pieces it compresses a tenth worse. Its dependencies come with it.
const BASE = [
  /node_modules.(svelte|@sveltejs.kit|esm-env|clsx)./, /vite.preload-helper/, /svelte-kit.generated.client-optimized.(app|nodes.[012])\.js/,
  /src.routes.(\+|.app..\+layout)/, /src.lib.ui.(Icon|Avatar|Loading|Shell|Toasts)\.svelte/, /src.lib.ui.(keys|load|time|toast)\b/,
  /src.lib.api/, /src.lib.account.session/, /src.lib.channel.channels/,
];
const base = { name: 'base', test: (id: string) => BASE.some((one) => one.test(id)) };

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [sveltekit()],
  build: {
    target: 'es2022',
    ...(isSsrBuild ? {} : { rolldownOptions: { output: { codeSplitting: { groups: [base] } } } }),
  },
  server: { proxy: Object.fromEntries(handed.map((path) => [path, { target: server, changeOrigin: false }])) },
  test: { include: ['src/**/*.test.ts', 'player/test/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
}));
