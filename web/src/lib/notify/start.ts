import { changed } from '../ui/changes';
import { waiting } from './counts.svelte';
import { follow, gather } from './follow';

/** Hears of what changes for as long as somebody is signed in. The answer ends it. */
export function start(me: string): () => void {
  const { hear, seen } = gather(changed, () => document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', seen);
  const end = follow(me, { counts: (counts) => (waiting.now = counts), changed: hear });
  return () => {
    document.removeEventListener('visibilitychange', seen);
    end();
  };
}
