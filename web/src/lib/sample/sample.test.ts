import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Sample } from '../api/types';
import { doing, part, SampleWatch } from './sample.svelte';

const as = (state: Sample['state'], progress = 0): Sample => ({ state, progress, people: 40, refused: null, changed_at: null });
afterEach(() => vi.useRealTimers());

describe('the sample company', () => {
  it('is looked at until it is there, also when a look fails', async () => {
    vi.useFakeTimers();
    const answers: (Sample | Error)[] = [as('filling', 0.5), new TypeError('away'), as('ready', 1)];
    let asked = 0;
    const get = async () => {
      const answer = answers[asked++];
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const watch = new SampleWatch({ get, post: async () => as('filling'), remove: get } as never);
    await watch.fill();
    expect(watch.value?.state).toBe('filling');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(watch.value?.state).toBe('ready');
    expect(asked).toBe(3);
  });

  it('comes on without going back when the videos begin', () => {
    expect(part(as('filling', 1))).toBeCloseTo(part(as('preparing', 0)));
    expect(part(as('ready'))).toBe(1);
    expect(part(as('removing', 0.25))).toBe(0.25);
    expect(doing(as('ready'))).toBe('');
  });
});
