// Which pages of the app axe has not looked at: the folders of routes beside the addresses that were audited.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const routes = fileURLToPath(new URL('../src/routes', import.meta.url));

/** "(app)/posts/[id]/+page.svelte" as what its addresses look like. */
function shape(file) {
  const parts = file.split('/').slice(0, -1).filter((part) => !part.startsWith('('));
  return new RegExp(`^/${parts.map((part) => (part.startsWith('[') ? '[^/]+' : part)).join('/')}$`);
}

/** @param {Iterable<string>} audited paths of pages */
export function unseen(audited) {
  const seen = [...audited];
  const files = readdirSync(routes, { recursive: true, encoding: 'utf8' });
  const pages = files.filter((file) => file.endsWith('+page.svelte')).map((file) => ({ file, shape: shape(file) }));
  // An address with words of its own goes to that page, and not to the one beside it that takes any.
  const of = (path) => pages.filter((page) => page.shape.test(path)).sort((a, b) => a.file.split('[').length - b.file.split('[').length)[0];
  const found = new Set(seen.map((path) => of(path)?.file));
  return [...pages.map((page) => page.file).filter((file) => !found.has(file)), ...(seen.some((path) => !of(path)) ? [] : ['+error.svelte'])];
}
