import { describe, expect, it } from 'vitest';
import { diff } from './diff';

const marked = (before: string, after: string) => diff(before, after).map(({ kind, text }) => (kind === 'same' ? text : kind === 'in' ? `+${text}+` : `-${text}-`)).join('');

describe('what changed', () => {
  it('is told word by word', () => {
    expect(marked('Four people from Monday.', 'Five people from Monday.')).toBe('-Four-+Five+ people from Monday.');
    expect(marked('One.', 'One. Two.')).toBe('One.+ Two.+');
    expect(marked('', 'New')).toBe('+New+');
    expect(marked('Old', '')).toBe('-Old-');
    expect(marked('Same', 'Same')).toBe('Same');
    expect(diff('', '')).toEqual([]);
  });

  it('puts both texts together again', () => {
    const [before, after] = ['a b c, d\n\ne', 'b x c; d\ne f'];
    const parts = diff(before, after);
    expect(parts.filter((one) => one.kind !== 'in').map((one) => one.text).join('')).toBe(before);
    expect(parts.filter((one) => one.kind !== 'out').map((one) => one.text).join('')).toBe(after);
  });

  it('does not fill the memory for two very long texts', () => {
    expect(diff('a '.repeat(2000), 'b '.repeat(2000))).toHaveLength(2);
  });
});
