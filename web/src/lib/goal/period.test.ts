import { describe, expect, it } from 'vitest';
import { rangeOf, step } from './period';

const day = new Date(2026, 10, 12);

describe('periods', () => {
  it('are the calendar’s', () => {
    expect(rangeOf('year', day)).toMatchObject({ start: '2026-01-01', end: '2026-12-31', name: '2026' });
    expect(rangeOf('quarter', day)).toMatchObject({ start: '2026-10-01', end: '2026-12-31', name: 'Quarter 4' });
    expect(rangeOf('month', day)).toMatchObject({ start: '2026-11-01', end: '2026-11-30', name: 'November' });
    expect(rangeOf('week', day)).toMatchObject({ start: '2026-11-09', end: '2026-11-15', name: 'Week 46' });
  });

  it('follow a fiscal year that begins in April', () => {
    expect(rangeOf('year', new Date(2027, 1, 3), 4)).toMatchObject({ start: '2026-04-01', end: '2027-03-31' });
    expect(rangeOf('quarter', day, 4)).toMatchObject({ start: '2026-10-01', name: 'Quarter 3' });
  });

  it('step over the turn of a year', () => {
    expect(rangeOf('quarter', step(rangeOf('quarter', day), 1)).start).toBe('2027-01-01');
    expect(rangeOf('week', step(rangeOf('week', new Date(2026, 0, 1)), -1)).start).toBe('2025-12-22');
  });
});
