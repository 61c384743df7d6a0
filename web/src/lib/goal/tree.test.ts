import { describe, expect, it } from 'vitest';
import type { Goal } from '../api/types';
import { arrow, rows, worthOpening } from './tree';

const goal = (id: string, more: Partial<Goal> = {}): Goal => ({ id, title: id, scope: 'individual', children: 0, period: { kind: 'month', start: '2026-11-01', end: '2026-11-30', label: 'November 2026' }, parent: null, ...more }) as Goal;

describe('the tree of goals', () => {
  const under = new Map([['root', [goal('week', { period: { kind: 'week', start: '2026-11-09', end: '2026-11-15', label: 'Week 46' } }), goal('month', { children: 1 })]], ['month', [goal('leaf')]]]);
  const tops = [goal('stray'), goal('root', { scope: 'company', children: 2 })];

  it('shows wide before narrow, and under a goal only what is open', () => {
    expect(rows(tops, under, (id) => id === 'root').map((row) => [row.goal.id, row.level])).toEqual([['root', 1], ['month', 2], ['week', 2], ['stray', 1]]);
    expect(rows(tops, under, () => false).map((row) => row.goal.id)).toEqual(['root', 'stray']);
    expect(rows(tops, under, () => true).map((row) => row.path)).toContain('/root/month/leaf');
  });

  it('gives one goal in two places two paths, and never hangs a goal under itself', () => {
    const round = new Map([['root', [goal('root', { children: 1 })]]]);
    expect(rows([goal('root', { children: 1 })], round, () => true).map((row) => row.path)).toEqual(['/root']);
    const twice = rows([goal('root', { scope: 'company', children: 1 }), goal('month')], new Map([['root', [goal('month')]]]), () => true);
    expect(twice.map((row) => row.path)).toEqual(['/root', '/root/month', '/month']);
  });

  it('opens on arrival what fits, the widest first, and leaves folded what was folded', () => {
    const level = [goal('narrow', { children: 5 }), goal('wide', { scope: 'company', children: 10 }), goal('leaf')];
    expect(worthOpening(level, () => false, 100).map((one) => one.id)).toEqual(['wide', 'narrow']);
    expect(worthOpening(level, () => false, 12).map((one) => one.id)).toEqual(['wide']);
    expect(worthOpening(level, (id) => id === 'wide', 12).map((one) => one.id)).toEqual(['narrow']);
  });

  it('is walked with the arrows', () => {
    const branch = { goal: goal('root', { children: 1 }), level: 1, path: '/root', parent: null };
    const leaf = { goal: goal('leaf'), level: 2, path: '/root/leaf', parent: '/root' };
    expect([arrow('ArrowRight', branch, false), arrow('ArrowRight', branch, true), arrow('ArrowLeft', branch, true), arrow('ArrowLeft', branch, false)]).toEqual(['open', 'in', 'fold', null]);
    expect([arrow('ArrowRight', leaf, false), arrow('ArrowLeft', leaf, false)]).toEqual([null, 'out']);
  });
});
