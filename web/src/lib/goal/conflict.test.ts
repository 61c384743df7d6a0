import { describe, expect, it } from 'vitest';
import { ProblemError } from '../api/problem';
import type { Goal } from '../api/types';
import { changedMeanwhile, changes, formOf, shown } from './conflict';

const goal = { title: 'One', description: '', scope: 'individual', unit: null, owner: { id: 'l', name: 'Leena' }, reviewer: { id: 'a', name: 'Ada' }, parent: null,
  period: { kind: 'month', start: '2026-11-01', end: '2026-11-30', label: 'November 2026' } } as unknown as Goal;

describe('a change of a goal', () => {
  it('sends only what was touched, with nothing as null', () => {
    const base = formOf(goal);
    expect(changes(base, base)).toEqual({});
    expect(changes(base, { ...base, title: ' Two ', reviewer: '', unit: 'u' })).toEqual({ title: 'Two', reviewer: null, unit: 'u' });
  });

  it('is refused with what stands now when somebody was first', () => {
    expect(changedMeanwhile(new ProblemError(409, { code: 'stale', current: goal }))).toBe(goal);
    expect(changedMeanwhile(new ProblemError(403, { code: 'forbidden' }))).toBeNull();
    expect([shown(goal, 'reviewer'), shown(goal, 'parent'), shown(goal, 'period_start')]).toEqual(['Ada', 'No goal', 'November 2026']);
  });
});
