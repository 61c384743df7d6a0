import { describe, expect, it } from 'vitest';
import type { WeekTally } from '../api/types';
import { bars, inWords, label } from './weeks';

const week = (n: number, submitted: number, late: number, missed: number): WeekTally => ({
  year: 2026, week: n, start: '2026-12-28', submitted, late, missed, excused: 3, open: 1, reviews_on_time: 0, reviews_missed: 0, reviews_excused: 0,
});

describe('weeks', () => {
  it('stack on time, late and missed, and nothing that was excused or is open', () => {
    expect(bars([week(52, 3, 1, 0), week(53, 0, 0, 2)])).toEqual([[0, 1], [4, 2], [4, 0], [3, 0]]);
    expect(label(week(53, 0, 0, 0))).toBe('W53');
  });

  it('say how it went', () => {
    expect(inWords([week(52, 3, 1, 0), week(53, 2, 0, 0), week(1, 0, 0, 0)], 5 / 6)).toBe('83% on time over 3 weeks, from 75% in week 52 to 100% in week 53.');
    expect(inWords([week(1, 0, 0, 0)], null)).toBe('No check-in was due in these weeks.');
  });
});
