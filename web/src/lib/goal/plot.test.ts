import { describe, expect, it } from 'vitest';
import type { Point } from '../api/types';
import { columns, inWords, standing } from './plot';

const point = (id: string, at: string, value: number, supersedes: string | null = null): Point => ({ id, metric: 'm', at, value, note: '', supersedes, author: 'p', created_at: at });
const points = [point('c', '2026-11-20T12:00:00Z', 48, 'b'), point('b', '2026-11-20T12:00:00Z', 46), point('a', '2026-11-10T12:00:00Z', 16)];

describe('a plot', () => {
  it('leaves out what was corrected and goes forward in time', () => {
    expect(standing(points).map((one) => one.value)).toEqual([16, 48]);
    expect(standing([point('d', '2026-11-20T12:00:00Z', 50, 'c'), ...points]).map((one) => one.value)).toEqual([16, 50]);
  });

  it('spans the period with its target and baseline, and what lies outside too', () => {
    const [times, values, target, baseline] = columns(points, { baseline: 0, target: 64 }, { start: '2026-11-01', end: '2026-11-30' });
    expect(values).toEqual([null, 16, 48, null]);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect([new Set(target), new Set(baseline)]).toEqual([new Set([64]), new Set([0])]);
    const [early] = columns([point('x', '2026-10-05T00:00:00Z', 1)], { baseline: 0, target: 2 }, { start: '2026-11-01', end: '2026-11-30' });
    expect(early[0]).toBe(Date.parse('2026-10-05T00:00:00Z') / 1000);
  });

  it('has words', () => {
    expect(inWords(points, (value) => `${value} boards`, 64)).toBe('From 16 boards to 48 boards in 2 values, target 64 boards.');
    expect(inWords([], String, 64)).toBe('No value yet, target 64.');
  });
});
