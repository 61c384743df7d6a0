import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

// `npm run dev` serves the app from its source and hands everything else to a running server.
const server = process.env.TWOTAKE_URL ?? 'http://127.0.0.1:8080';
const handed = ['/api', '/media', '/player', '/embed', '/oembed', '/health'];

export default defineConfig({
  plugins: [sveltekit()],
  build: { target: 'es2022' },
  server: { proxy: Object.fromEntries(handed.map((path) => [path, { target: server, changeOrigin: false }])) },
  test: { include: ['src/**/*.test.ts', 'player/test/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
});
