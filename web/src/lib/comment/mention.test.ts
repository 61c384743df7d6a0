import { describe, expect, it } from 'vitest';
import { filled, typedAt } from './mention';

describe('a mention being typed', () => {
  const at = (text: string) => typedAt(text, text.length);
  it('begins with an @ after a space or at the beginning', () => {
    expect(at('@')).toEqual({ from: 0, word: '' });
    expect(at('Ask @om')).toEqual({ from: 4, word: 'om' });
    expect(at('(@field-su')).toEqual({ from: 1, word: 'field-su' });
    expect(typedAt('Ask @om now', 7)).toEqual({ from: 4, word: 'om' });
  });

  it('is none in an address, after a letter, or when the word has ended', () => {
    for (const text of ['omar@', 'a@b', 'https://x.example/@om', '@@om', 'é@om', '@om ', 'nothing', '']) expect(at(text)).toBeNull();
  });

  it('is filled in with one space after it', () => {
    expect(filled('Ask @om about it', { from: 4, word: 'om' }, 'omar')).toEqual({ text: 'Ask @omar about it', caret: 10 });
    expect(filled('@', { from: 0, word: '' }, 'channel')).toEqual({ text: '@channel ', caret: 9 });
  });
});
