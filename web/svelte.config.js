import adapter from '@sveltejs/adapter-static';

/** A single-page app: one index.html for every path; the server adds nothing but the security headers. */
export default {
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ pages: 'dist', assets: 'dist', fallback: 'index.html', precompress: false, strict: true }),
    paths: { relative: false },
    version: { pollInterval: 0 },
  },
};
