import { beforeEach, describe, expect, it } from 'vitest';
import { Kept, type Shelf } from './kept';

const rows = new Map<string, string>();
const shelf: Shelf = { getItem: (key) => rows.get(key) ?? null, setItem: (key, value) => void rows.set(key, value), removeItem: (key) => void rows.delete(key) };

describe('what is typed', () => {
  beforeEach(() => rows.clear());

  it('is there after a reload until it was sent', () => {
    const before = new Kept<{ title: string }>('goal:1', shelf);
    before.write({ title: '' });
    before.write({ title: 'Sixty' });
    const after = new Kept<{ title: string }>('goal:1', shelf);
    expect(after.read()).toEqual({ title: 'Sixty' });
    after.forget();
    expect(new Kept('goal:1', shelf).any).toBe(false);
  });

  it('is not kept when nothing was typed, or when it was taken back', () => {
    const kept = new Kept<{ title: string }>('goal:1', shelf);
    kept.write({ title: 'As it was' });
    expect(rows.size).toBe(0);
    kept.write({ title: 'Other' });
    kept.write({ title: 'As it was' });
    expect(rows.size).toBe(0);
  });

  it('survives rubbish in the storage and a storage that is full', () => {
    rows.set('kept:goal:1', '{not json');
    expect(new Kept('goal:1', shelf).read()).toEqual({});
    const full = new Kept<{ title: string }>('goal:2', { ...shelf, setItem: () => { throw new Error('quota'); } });
    full.write({ title: '' });
    expect(() => full.write({ title: 'x' })).not.toThrow();
  });
});
