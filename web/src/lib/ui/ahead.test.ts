import { describe, expect, it } from 'vitest';
import { after } from './ahead';

describe('keys pressed before the field is there', () => {
  it('write what they would have written into it', () => {
    expect(['S', 'o', '!', 'Backspace', ' ', 'é'].reduce<string | null>((text, key) => after(text ?? '', key), '')).toBe('So é');
    expect(after('', 'Backspace')).toBe('');
    expect(after('👍', 'Backspace')).toBe('');
  });

  it('keep their meaning when they write nothing', () => {
    for (const key of ['Tab', 'Escape', 'Enter', 'ArrowLeft', 'Shift']) expect(after('So', key)).toBeNull();
  });
});
