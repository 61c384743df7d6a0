import { describe, expect, it } from 'vitest';
import type { Counts } from '../api/types';
import type { Hint } from '../ui/changes';
import { follow, gather, type Source, type Tabs, type World } from './follow';

const waits = (unread: number): Counts => ({ unread, held: 0, held_until: null, duties: 0 });

/** A browser with tabs that hear each other, one lock, and streams that a test speaks through. */
class Browser {
  sources: (Source & { emit: (name: string, data: unknown) => void; closed: boolean })[] = [];
  timers: { ms: number; act: () => void }[] = [];
  private all = new Set<Tabs>();
  private queue: (() => Promise<void>)[] = [];
  private held = false;
  offers = true;

  world(locks = true): World {
    return {
      open: () => (this.offers ? this.source() : null),
      counts: async () => waits(7),
      after: (ms, act) => {
        const timer = { ms, act };
        this.timers.push(timer);
        return () => void this.timers.splice(this.timers.indexOf(timer), 1);
      },
      tabs: () => this.tab(),
      lead: (_, lead) => {
        if (!locks) return null;
        this.queue.push(lead);
        this.next();
        return () => void this.queue.splice(this.queue.indexOf(lead) >>> 0, 1);
      },
    };
  }

  private next(): void {
    const lead = this.held ? undefined : this.queue.shift();
    if (!lead) return;
    this.held = true;
    void lead().then(() => {
      this.held = false;
      this.next();
    });
  }

  private source() {
    const ears = new Map<string, (event: MessageEvent<string>) => void>();
    const source = {
      readyState: 1, closed: false, onopen: null, onerror: null,
      addEventListener: (name: string, hear: (event: MessageEvent<string>) => void) => void ears.set(name, hear),
      close() { this.closed = true; },
      emit: (name: string, data: unknown) => ears.get(name)?.({ data: JSON.stringify(data) } as MessageEvent<string>),
    };
    this.sources.push(source);
    return source;
  }

  private tab(): Tabs {
    const all = this.all;
    const tab: Tabs = { hear: () => {}, say: (words) => all.forEach((other) => other !== tab && other.hear(words)), close: () => void all.delete(tab) };
    all.add(tab);
    return tab;
  }
}

function ear() {
  const counts: number[] = [];
  const hints: string[] = [];
  return { counts, hints, hear: { counts: (said: Counts) => void counts.push(said.unread), changed: (said: Hint[]) => void hints.push(...said.map((hint) => `${hint.kind} ${hint.id}`)) } };
}

describe('hearing of what changes', () => {
  it('takes one stream for all tabs, and another tab leads when the first has gone', async () => {
    const it = new Browser();
    const [one, two] = [ear(), ear()];
    const stopOne = follow('me', one.hear, it.world());
    it.sources[0]?.emit('counts', waits(3));
    const stopTwo = follow('me', two.hear, it.world());
    expect(it.sources.length).toBe(1);
    expect(two.counts).toEqual([3]);
    it.sources[0]?.emit('changed', [{ kind: 'post', id: 'p' }]);
    expect([one.hints, two.hints]).toEqual([['post p'], ['post p']]);
    stopOne();
    await Promise.resolve();
    await Promise.resolve();
    expect(it.sources.map((source) => source.closed)).toEqual([true, false]);
    expect(two.hints.splice(0)).toEqual(['post p', 'all ']);
    it.sources[1]?.emit('counts', waits(1));
    expect([one.counts, two.counts]).toEqual([[3], [3, 1]]);
    stopTwo();
    expect(it.sources[1]?.closed).toBe(true);
  });

  it('has a stream for each tab where there are no locks', () => {
    const it = new Browser();
    follow('me', ear().hear, it.world(false));
    follow('me', ear().hear, it.world(false));
    expect(it.sources.length).toBe(2);
  });

  it('looks at everything after a pause, and only then', () => {
    const it = new Browser();
    const one = ear();
    follow('me', one.hear, it.world());
    const source = it.sources[0];
    source?.onopen?.({} as Event);
    expect(one.hints).toEqual([]);
    source?.onerror?.({} as Event);
    source?.onopen?.({} as Event);
    expect(one.hints).toEqual(['all ']);
  });

  it('asks once a minute while no stream is to be had, and tries for one', async () => {
    const it = new Browser();
    const one = ear();
    follow('me', one.hear, it.world());
    const refused = it.sources[0];
    if (refused) refused.readyState = 2;
    refused?.onerror?.({} as Event);
    expect(refused?.closed).toBe(true);
    const timer = it.timers.pop();
    expect(timer?.ms).toBe(60_000);
    it.offers = false;
    timer?.act();
    await Promise.resolve();
    await Promise.resolve();
    expect([one.counts, one.hints]).toEqual([[7], ['all ']]);
    it.offers = true;
    it.timers.pop()?.act();
    expect(it.sources.length).toBe(2);
  });
});

describe('hints', () => {
  it('that come together are one look, and wait in a tab that nobody sees', () => {
    const told: number[] = [];
    const later: (() => void)[] = [];
    let visible = true;
    const { hear, seen } = gather((hints) => told.push(hints.length), () => visible, (_, act) => { later.push(act); return () => {}; });
    const post = { kind: 'post', id: 'a' };
    hear([post, post]);
    hear([{ kind: 'post', id: 'b' }]);
    expect(later.length).toBe(1);
    later.shift()?.();
    expect(told).toEqual([2]);
    visible = false;
    hear([post]);
    later.shift()?.();
    expect(told).toEqual([2]);
    visible = true;
    seen();
    seen();
    expect(told).toEqual([2, 1]);
    hear(Array.from({ length: 300 }, (_, n) => ({ kind: 'post', id: String(n) })));
    later.shift()?.();
    expect(told).toEqual([2, 1, 1]);
  });
});
