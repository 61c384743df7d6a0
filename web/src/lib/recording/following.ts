import { api } from '../api/client';
import type { Take } from '../api/types';

export const settled = (take: Take): boolean => !['receiving', 'processing'].includes(take.state);

/** The part of EventSource that is used; tests bring their own. */
export interface Source { addEventListener(name: string, hear: (event: MessageEvent<string>) => void): void; close(): void; onerror: ((event: Event) => void) | null; readyState: number }

export interface FollowWorld {
  open(url: string): Source | null;
  ask(url: string): Promise<Take | null>;
  after(ms: number, act: () => void): () => void;
}

const LOOK_EVERY = 1000;
const CLOSED = 2;

const browser: FollowWorld = {
  open: (url) => (typeof EventSource === 'undefined' ? null : new EventSource(url)),
  ask: (url) => api.get<Take>(url).catch(() => null),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** Tells of a take whenever it changes, until it is ready, refused or failed: by the server's events, or, where those do not come
 * through, by asking every second. The function returned ends it earlier. */
export function followTake(id: string, tell: (take: Take) => void, world: FollowWorld = browser): () => void {
  let over = false;
  let cancel = (): void => {};
  const end = () => {
    over = true;
    cancel();
  };
  const hear = (take: Take) => {
    if (over) return;
    if (settled(take)) end();
    tell(take);
  };
  const ask = async () => {
    const take = await world.ask(`/api/takes/${id}`);
    if (take) hear(take);
    if (!over) cancel = world.after(LOOK_EVERY, () => void ask());
  };
  const source = world.open(`/api/takes/${id}/events`);
  if (!source) {
    void ask();
    return end;
  }
  cancel = () => source.close();
  source.addEventListener('take', (event) => hear(JSON.parse(event.data) as Take));
  source.onerror = () => {
    // A connection that breaks is opened again by the browser; one that was refused is not.
    if (over || source.readyState !== CLOSED) return;
    source.close();
    void ask();
  };
  return end;
}
