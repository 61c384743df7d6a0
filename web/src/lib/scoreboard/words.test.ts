import { describe, expect, it } from 'vitest';
import type { LeadMetric, Reliable, Tally } from '../api/types';
import { grouped, markOf, onTime, percent, reviewsOnTime, summary, target } from './words';

const tally = (more: Partial<Tally>): Tally => ({ submitted: 0, late: 0, missed: 0, excused: 0, open: 0, reviews_on_time: 0, reviews_missed: 0, reviews_excused: 0, ...more });

describe('reliability', () => {
  it('is said in words', () => {
    expect(summary(tally({ submitted: 22, late: 1 }))).toBe('22 on time, 1 late');
    expect(summary(tally({ submitted: 20, late: 1, missed: 2, excused: 1, open: 1 }))).toBe('20 on time, 1 late, 2 missed, 1 excused, 1 open');
    expect(summary(tally({}))).toBe('no check-in was due');
  });

  it('counts late and missed against it, excused and open not', () => {
    expect(onTime(tally({ submitted: 3, late: 1, excused: 9, open: 1 }))).toBe(0.75);
    expect(onTime(tally({ excused: 2, open: 1 }))).toBeNull();
    expect(reviewsOnTime(tally({ reviews_on_time: 1, reviews_missed: 1, reviews_excused: 4 }))).toBe(0.5);
    expect(reviewsOnTime(tally({}))).toBeNull();
  });

  it('is never rounded up to all of it', () => {
    expect([1, 0.999, 0.958, 0, null].map(percent)).toEqual(['100%', '99%', '96%', '0%', '']);
  });

  it('has a mark for each state', () => {
    expect((['submitted', 'late', 'missed', 'excused', 'open', 'ahead'] as const).map(markOf)).toEqual(['st-sent', 'st-late', 'st-missed', 'st-excused', 'st-due', 'st-none']);
  });

  it('stands under managers', () => {
    const one = (name: string, manager: string | null) => ({ person: { id: name }, manager: manager ? { id: manager } : null }) as Reliable;
    expect(grouped([one('a', null), one('b', null), one('c', 'a')]).map((group) => [group.manager?.id, group.people.length])).toEqual([[undefined, 2], ['a', 1]]);
    expect(grouped([])).toEqual([]);
  });
});

it('a lead metric says what it aims at and until when', () => {
  const metric = (more: Partial<LeadMetric>) => ({ format: 'number', unit: 'min', target: 20, direction: 'decrease', goal: { period: { end: '2026-11-30' } }, ...more }) as LeadMetric;
  expect(target(metric({}))).toBe('Target 20 min by 30 November');
  expect(target(metric({ direction: 'stay_above', format: 'percent', target: 99 }))).toBe('Stay above 99%');
  expect(target(metric({ format: 'yes_no', target: 1 }))).toBe('Until it is yes by 30 November');
});
