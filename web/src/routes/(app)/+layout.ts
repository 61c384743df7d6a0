import { redirect } from '@sveltejs/kit';
import { signedIn } from '$lib/account/session.svelte';

/** Every page in here is for somebody who is signed in. */
export async function load({ url }: { url: URL }) {
  if (await signedIn.ensure()) return;
  // A link to a comment keeps it; while one page leads to another, the address is still that of the first.
  const hash = location.pathname === url.pathname ? location.hash : '';
  redirect(307, `/signin?next=${encodeURIComponent(url.pathname + url.search + hash)}`);
}
