/** Follows a take until it is ready, refused or failed: by the server's events, or, where those do not come through, by asking
 * every two seconds while somebody may be looking. */

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
  let source: EventSource | undefined;
  const end = () => {
    over = true;
    source?.close();
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', ask);
  };
  const hear = (take: Take) => {
    if (over) return;
    if (take.state !== 'receiving' && take.state !== 'processing') end();
    tell(take);
  };
  const ask = async () => {
    if (over) return;
    if (document.hidden) {
      document.addEventListener('visibilitychange', ask, { once: true });
      return;
    }
    try {
      const answer = await fetch(url, { headers: { accept: 'application/json' } });
      // Not ours to see any more (signed out, link ended): asking again changes nothing.
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) end();
      if (answer.ok) hear((await answer.json()) as Take);
    } catch {
      // The network broke; the next round asks again.
    }
    if (!over) timer = window.setTimeout(ask, EVERY);
  };
  timer = window.setTimeout(() => {
    source = new EventSource(url.replace(/(\?|$)/, '/events$1'));
    source.addEventListener('take', (event) => hear(JSON.parse(event.data) as Take));
    // A connection that breaks is opened again by the browser; one that was refused is not.
    source.onerror = () => source!.readyState === 2 && void ask();
  }, 200);
  return end;
}
