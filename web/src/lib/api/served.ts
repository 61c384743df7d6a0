import type { Comment, Page, Recording, Session } from './types';

/** What the server wrote into a watch page, so that the app need not ask again. Used once. */
export interface Served {
  session?: Session | null;
  recording?: Recording | null;
  comments?: Page<Comment> | null;
}

let taken: Served | null | undefined;

export function served(): Served | null {
  if (taken !== undefined || typeof document === 'undefined') return taken ?? null;
  const text = document.getElementById('twotake-data')?.textContent;
  try {
    taken = text ? (JSON.parse(text) as Served) : null;
  } catch {
    taken = null;
  }
  return taken;
}

/** Takes the server's drawing away: the app has drawn its own. */
export function adopt(): void {
  document.querySelectorAll('#app > [data-server]').forEach((element) => element.remove());
}
