import { served } from '$lib/api/served';

/** What the server drew stays until the app can draw all of it, comments included. */
export async function load() {
  if (served()?.comments) await import('$lib/comment/Talk.svelte');
}
