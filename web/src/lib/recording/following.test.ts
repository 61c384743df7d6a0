import { describe, expect, it } from 'vitest';

import type { Take } from '../api/types';
import { followTake, type FollowWorld, type Source } from './following';

const take = (state: string) => ({ id: 't', state }) as Take;

function world(open: boolean) {
  const ears: ((event: MessageEvent<string>) => void)[] = [];
  const timers: (() => void)[] = [];
  const source: Source & { closed: boolean } = {
    closed: false, readyState: 1, onerror: null,
    addEventListener: (_, hear) => void ears.push(hear),
    close() {
      this.closed = true;
    },
  };
  let standing = take('receiving');
  const made: FollowWorld = { open: () => (open ? source : null), ask: async () => standing, after: (_, act) => (timers.push(act), () => {}) };
  return {
    made, source,
    say: (state: string) => ears.forEach((hear) => hear({ data: JSON.stringify(take(state)) } as MessageEvent<string>)),
    stands: (state: string) => (standing = take(state)),
    async passes() {
      timers.splice(0).forEach((act) => act());
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

describe('following a take', () => {
  it('hears every event and closes after the last', () => {
    const { made, source, say } = world(true);
    const told: string[] = [];
    followTake('t', (now) => told.push(now.state), made);
    ['receiving', 'processing', 'ready'].forEach(say);
    expect(told).toEqual(['receiving', 'processing', 'ready']);
    expect(source.closed).toBe(true);
  });

  it('asks where events are refused, until the end', async () => {
    const it = world(true);
    const told: string[] = [];
    followTake('t', (now) => told.push(now.state), it.made);
    it.source.onerror?.(new Event('error'));
    await it.passes();
    expect(told).toEqual([]);
    it.source.readyState = 2;
    it.source.onerror?.(new Event('error'));
    await it.passes();
    it.stands('ready');
    await it.passes();
    await it.passes();
    expect(told).toEqual(['receiving', 'ready']);
  });
});
