import { api } from '../api/client';
import type { Counts } from '../api/types';
import type { Hint } from '../ui/changes';

/** The part of EventSource that is used; tests bring their own. */
export interface Source { addEventListener(name: string, hear: (event: MessageEvent<string>) => void): void; close(): void; onopen: ((event: Event) => void) | null; onerror: ((event: Event) => void) | null; readyState: number }
/** Other tabs of the same person in this browser. */
export interface Tabs { say(words: unknown): void; hear: (words: unknown) => void; close(): void }

export interface World {
  open(url: string): Source | null;
  counts(): Promise<Counts | null>;
  after(ms: number, act: () => void): () => void;
  tabs(name: string): Tabs | null;
  /** Runs `lead` in one tab at a time, until what it promises; the answer gives the place up. */
  lead(name: string, lead: () => Promise<void>): (() => void) | null;
}

export interface Ear { counts: (counts: Counts) => void; changed: (hints: Hint[]) => void }

const CLOSED = 2;
const ALL: Hint[] = [{ kind: 'all', id: '' }];
/** Without a stream, how often is looked, and the stream tried again. */
const LOOK_EVERY = 60_000;

const browser: World = {
  open: (url) => (typeof EventSource === 'undefined' ? null : new EventSource(url)),
  counts: () => api.get<Counts>('/api/me/inbox/counts').catch(() => null),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  tabs: (name) => {
    if (typeof BroadcastChannel === 'undefined') return null;
    const channel = new BroadcastChannel(name);
    const tabs: Tabs = { say: (words) => channel.postMessage(words), hear: () => {}, close: () => channel.close() };
    channel.onmessage = (event) => tabs.hear(event.data);
    return tabs;
  },
  // Locks are there only over HTTPS and on localhost.
  lead: (name, lead) => {
    if (!navigator.locks) return null;
    const giveUp = new AbortController();
    navigator.locks.request(name, { signal: giveUp.signal }, lead).catch(() => {});
    return () => giveUp.abort();
  },
};

type Words = { said: 'ask' } | { said: 'counts'; counts: Counts } | { said: 'changed'; hints: Hint[] };

/** Hears of what changes, through one stream for all tabs of a person: the tab that leads passes everything on, and when it goes
 * another leads. Where tabs cannot speak to each other, each has its own. The answer ends it. */
export function follow(me: string, ear: Ear, world: World = browser): () => void {
  const tabs = world.tabs(`twotake:${me}`);
  let end = (): void => {};
  let over = false;
  let last: Counts | null = null;
  let followed = false;

  const pass: Ear = {
    counts: (counts) => {
      last = counts;
      ear.counts(counts);
      tabs?.say({ said: 'counts', counts } satisfies Words);
    },
    changed: (hints) => {
      ear.changed(hints);
      tabs?.say({ said: 'changed', hints } satisfies Words);
    },
  };
  let leads = false;
  const lead = () => new Promise<void>((done) => {
    if (over) return done();
    leads = true;
    // What happened between the leader before and this one is looked for.
    if (followed) pass.changed(ALL);
    const stop = stream(pass, world);
    end = () => {
      stop();
      done();
    };
  });
  const giveUp = tabs ? world.lead(`twotake:${me}`, lead) : null;
  if (!giveUp) void lead();
  if (tabs) {
    tabs.hear = (words) => {
      const heard = words as Words;
      if (heard.said === 'ask') {
        if (leads && last) tabs.say({ said: 'counts', counts: last } satisfies Words);
        return;
      }
      followed = true;
      if (heard.said === 'counts') ear.counts(heard.counts);
      else ear.changed(heard.hints);
    };
    tabs.say({ said: 'ask' } satisfies Words);
  }
  return () => {
    over = true;
    giveUp?.();
    end();
    tabs?.close();
  };
}

/** The stream itself; while there is none to be had, everything is looked at once a minute. */
function stream(ear: Ear, world: World): () => void {
  let over = false;
  let cancel = (): void => {};
  let broken = false;

  const look = async () => {
    const counts = await world.counts();
    if (over) return;
    if (counts) ear.counts(counts);
    ear.changed(ALL);
  };
  const wait = () => {
    broken = true;
    cancel = world.after(LOOK_EVERY, () => {
      void look();
      connect();
    });
  };
  const connect = () => {
    if (over) return;
    const source = world.open('/api/me/events');
    if (!source) return wait();
    cancel = () => source.close();
    source.addEventListener('counts', (event) => ear.counts(JSON.parse(event.data) as Counts));
    source.addEventListener('changed', (event) => ear.changed(JSON.parse(event.data) as Hint[]));
    source.onopen = () => {
      // Nobody was listening for a while.
      if (broken) ear.changed(ALL);
      broken = false;
    };
    source.onerror = () => {
      broken = true;
      // One that breaks is opened again by the browser; one that was refused is not.
      if (over || source.readyState !== CLOSED) return;
      source.close();
      wait();
    };
  };
  connect();
  return () => {
    over = true;
    cancel();
  };
}

/** Gathers hints for a moment, so that what happens together is one look; in a tab that nobody sees, until somebody does. */
export function gather(tell: (hints: Hint[]) => void, visible: () => boolean, after: World['after'] = browser.after): { hear: (hints: Hint[]) => void; seen: () => void } {
  let waiting = new Map<string, Hint>();
  let due = false;
  const pour = () => {
    due = false;
    if (waiting.size === 0 || !visible()) return;
    const hints = [...waiting.values()];
    waiting = new Map();
    tell(hints);
  };
  return {
    hear: (hints) => {
      for (const hint of hints) waiting.set(`${hint.kind}:${hint.id}`, hint);
      // So much that each need not be named.
      if (waiting.size > 200) waiting = new Map([['all:', ALL[0] as Hint]]);
      if (due) return;
      due = true;
      after(150, pour);
    },
    seen: pour,
  };
}
