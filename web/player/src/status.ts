/** Follows a take until it is ready, refused or failed. Asks every two seconds while somebody may be looking. */

export interface Take {
  state: 'receiving' | 'processing' | 'ready' | 'refused' | 'failed';
  /** Recorded in a browser, or sent as a file; only told to members. */
  source?: 'browser' | 'upload';
  detail?: string | null;
  progress?: number;
  seconds_left?: number | null;
  measured_ms?: number | null;
  hls_url?: string | null;
  mp4_url?: string | null;
  poster_url?: string | null;
  width?: number | null;
  height?: number | null;
}

const EVERY = 2000;

/** Calls `tell` with each answer and ends by itself; the function returned ends it earlier. */
export function follow(url: string, tell: (take: Take) => void): () => void {
  let timer = 0;
  let over = false;
  const ask = async () => {
    if (over) return;
    if (document.hidden) {
      document.addEventListener('visibilitychange', ask, { once: true });
      return;
    }
    try {
      const answer = await fetch(url, { headers: { accept: 'application/json' } });
      // Not ours to see any more (signed out, link ended): asking again changes nothing.
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) over = true;
      if (answer.ok && !over) {
        const take = (await answer.json()) as Take;
        if (over) return;
        over = take.state !== 'receiving' && take.state !== 'processing';
        tell(take);
      }
    } catch {
      // The network broke; the next round asks again.
    }
    if (!over) timer = window.setTimeout(ask, EVERY);
  };
  timer = window.setTimeout(ask, 200);
  return () => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', ask);
  };
}
