import { redirect } from '@sveltejs/kit';
import { signedIn } from '$lib/account/session.svelte';

/** Every page in here is for somebody who is signed in. */
export async function load({ url }: { url: URL }) {
  if (await signedIn.ensure()) return;
  redirect(307, `/signin?next=${encodeURIComponent(url.pathname + url.search)}`);
}
