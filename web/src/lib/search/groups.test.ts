import { describe, expect, it } from 'vitest';
import type { Hit } from '../api/types';
import { groups, pageFor, step } from './groups';

const hit = (kind: Hit['kind'], id: string) => ({ kind, id }) as Hit;

describe('what was found', () => {
  it('stands by kind, the kind with the best hit first', () => {
    const found = groups([hit('post', '1'), hit('goal', '2'), hit('post', '3')]);
    expect(found.map((group) => [group.name, group.hits.map((one) => one.id)])).toEqual([['Posts', ['1', '3']], ['Goals', ['2']]]);
    expect(groups([])).toEqual([]);
  });

  it('is walked with the arrows, round at the ends', () => {
    expect(step(0, 3, 'ArrowDown')).toBe(1);
    expect(step(2, 3, 'ArrowDown')).toBe(0);
    expect(step(0, 3, 'ArrowUp')).toBe(2);
    expect(step(0, 0, 'ArrowDown')).toBeNull();
    expect(step(0, 3, 'a')).toBeNull();
  });

  it('has a page whose address carries the question', () => {
    expect(pageFor('dock & bay', 'post')).toBe('/search?q=dock+%26+bay&kind=post');
    expect(pageFor('')).toBe('/search');
  });
});
