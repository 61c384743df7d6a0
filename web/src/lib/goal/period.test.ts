import { describe, expect, it } from 'vitest';
import type { Goal } from '../api/types';
import { rangeOf, step, tree, within, withDescendants } from './period';

const day = new Date(2026, 10, 12);
const goal = (id: string, more: Partial<Goal> = {}): Goal => ({ id, title: id, scope: 'individual', period: { kind: 'month', start: '2026-11-01', end: '2026-11-30', label: 'November 2026' }, parent: null, ...more }) as Goal;

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

  it('put a week where its Thursday is', () => {
    const week = { period: { kind: 'week' as const, start: '2026-11-30', end: '2026-12-06' } };
    expect([within(week, rangeOf('month', day)), within(week, rangeOf('month', new Date(2026, 11, 1)))]).toEqual([false, true]);
  });
});

describe('the tree of goals', () => {
  it('hangs children under their parent and strays at the top', () => {
    const found = tree([goal('child', { parent: { id: 'root', title: '' } }), goal('root', { scope: 'company' }), goal('stray', { parent: { id: 'elsewhere', title: '' } })]);
    expect(found.map((branch) => [branch.goal.id, branch.under.map((under) => under.goal.id)])).toEqual([['root', ['child']], ['stray', []]]);
  });

  it('keeps a goal’s descendants with it', () => {
    const all = [goal('a'), goal('b', { parent: { id: 'a', title: '' } }), goal('c', { parent: { id: 'b', title: '' } }), goal('d')];
    expect(withDescendants(all, [all[0] as Goal]).map((one) => one.id)).toEqual(['a', 'b', 'c']);
  });
});
