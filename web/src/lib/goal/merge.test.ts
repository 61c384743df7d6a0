import { describe, expect, it } from 'vitest';
import { merge } from './merge';

const base = { title: 'One', description: '', owner: 'leena' };

describe('two changes of one goal', () => {
  it('go together when they touch different fields', () => {
    expect(merge(base, { ...base, title: 'Mine' }, { ...base, owner: 'omar' })).toEqual({ form: { title: 'Mine', description: '', owner: 'omar' }, clashes: [] });
  });

  it('clash where both changed the same, and what was typed stays', () => {
    expect(merge(base, { ...base, title: 'Mine' }, { ...base, title: 'Theirs' })).toEqual({ form: { ...base, title: 'Mine' }, clashes: ['title'] });
  });

  it('do not clash when both wrote the same', () => {
    expect(merge(base, { ...base, title: 'Same' }, { ...base, title: 'Same' }).clashes).toEqual([]);
  });
});
