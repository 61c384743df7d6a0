import { goto } from '$app/navigation';
import { changed } from '../ui/changes';
import { waiting } from './counts.svelte';
import { follow, gather } from './follow';
import { woken } from './woken';

/** Hears of what changes for as long as somebody is signed in. The answer ends it. */
export function start(me: string): () => void {
  const { hear, seen } = gather(changed, () => document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', seen);
  const end = follow(me, { counts: (counts) => (waiting.now = counts), changed: hear });
  // Who records is not taken away from it.
  const deaf = woken(navigator.serviceWorker, () => location.pathname.startsWith('/record'), (path) => void goto(path));
  return () => {
    document.removeEventListener('visibilitychange', seen);
    deaf();
    end();
  };
}
