import { describe, expect, it } from 'vitest';
import type { Standing } from '../api/types';
import { act, rows, TOP } from './chart';

const standing = (id: string, reports = 0): Standing => ({ person: { id, name: id, handle: id, title: '' }, reports, leads: [] });

describe('the chart', () => {
  const levels = new Map([
    [TOP, { items: [standing('ada', 2), standing('zoe')], next: null }],
    ['ada', { items: [standing('bo', 1), standing('cy')], next: 'more' }],
    ['bo', { items: [standing('di')], next: null }],
  ]);

  it('shows what is open, and that there is more', () => {
    expect(rows(levels, new Set()).map((row) => row.id)).toEqual(['ada', 'zoe']);
    expect(rows(levels, new Set(['ada'])).map((row) => [row.id, row.level])).toEqual([['ada', 1], ['bo', 2], ['cy', 2], ['more-ada', 2], ['zoe', 1]]);
    expect(rows(levels, new Set(['ada', 'bo'])).map((row) => row.id)).toContain('di');
  });

  it('ends, whatever the levels say', () => {
    const round = new Map([[TOP, { items: [standing('ada', 1)], next: null }], ['ada', { items: [standing('ada', 1)], next: null }]]);
    expect(rows(round, new Set(['ada'])).map((row) => row.id)).toEqual(['ada']);
  });

  it('is walked, opened and folded with the arrows', () => {
    const shown = rows(levels, new Set(['ada']));
    expect(act(shown, 'ada', 'ArrowDown')).toEqual({ to: 'bo' });
    expect(act(shown, 'ada', 'ArrowUp')).toBeNull();
    expect(act(shown, 'ada', 'ArrowRight')).toEqual({ to: 'bo' });
    expect(act(shown, 'bo', 'ArrowRight')).toEqual({ open: 'bo' });
    expect(act(shown, 'cy', 'ArrowRight')).toBeNull();
    expect(act(shown, 'cy', 'ArrowLeft')).toEqual({ to: 'ada' });
    expect(act(shown, 'ada', 'ArrowLeft')).toEqual({ fold: 'ada' });
    expect(act(shown, 'more-ada', 'ArrowLeft')).toEqual({ to: 'ada' });
    expect([act(shown, 'cy', 'Home'), act(shown, 'cy', 'End')]).toEqual([{ to: 'ada' }, { to: 'zoe' }]);
    expect(act(shown, 'nobody', 'ArrowDown')).toBeNull();
  });
});
