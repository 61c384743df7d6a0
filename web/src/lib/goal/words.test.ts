import { describe, expect, it } from 'vitest';
import type { Metric } from '../api/types';
import { aim, written } from './words';

const metric = (more: Partial<Metric>): Metric => ({ format: 'number', unit: '', direction: 'increase', baseline: 0, target: 64, ...more }) as Metric;

describe('numbers in words', () => {
  it('are written as their metric says', () => {
    expect(written(31.4, metric({ unit: 'min' }))).toBe('31.4 min');
    expect(written(92, metric({ format: 'percent' }))).toBe('92%');
    expect([written(1200, metric({ format: 'money', unit: 'EUR' })), written(0.5, metric({ format: 'money', unit: 'EUR' })), written(3, metric({ format: 'money', unit: 'seats' }))]).toEqual(['€1,200', '€0.50', '3 seats']);
    expect([written(1, metric({ format: 'yes_no' })), written(0, metric({ format: 'yes_no' })), written(null, metric({}))]).toEqual(['yes', 'no', 'no value']);
  });

  it('say which way is good, for all four directions and for yes or no', () => {
    expect(aim(metric({ unit: 'boards' }))).toBe('up to 64 boards from 0 boards');
    expect(aim(metric({ direction: 'decrease', baseline: 42, target: 20, unit: 'min' }))).toBe('down to 20 min from 42 min');
    expect(aim(metric({ direction: 'stay_above', target: 99, format: 'percent' }))).toBe('stay above 99%');
    expect(aim(metric({ direction: 'stay_below', target: 5 }))).toBe('stay below 5');
    expect(aim(metric({ format: 'yes_no', target: 1 }))).toBe('until it is yes');
  });
});
