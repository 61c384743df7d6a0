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

/** How the player that the server drew was left: whoever pressed Play before the app was there has pressed it once. */
export interface Left { at: number; plays: boolean }

type Drawn = HTMLElement & { left?: Left };
let left: (Left & { take: string }) | null = null;

/** Takes the server's drawing away: the app has drawn its own. */
export function adopt(): void {
  left ??= look();
  document.querySelectorAll('#app > [data-server]').forEach((element) => element.remove());
}

/** How the server's player of that take was left, if there was one and it was not asked for before. */
export function leftOff(take: string | null): Left | null {
  const found = left ?? look();
  if (!found || found.take !== take) return null;
  left = null;
  return found;
}

function look(): typeof left {
  const player = document.querySelector<Drawn>('#app > [data-server] twotake-player');
  const take = player?.getAttribute('status')?.split('/').pop();
  const video = player?.querySelector('video');
  if (!player || !take || !video) return null;
  // Its script may not have come yet, and the browser's own controls be in use.
  return { take, ...(player.left ?? { at: video.currentTime, plays: !video.paused }) };
}
