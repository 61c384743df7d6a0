// A word after an @ while it is being typed. What it may become, the server says.

export interface Typed { from: number; word: string }

/** The word after an @ that ends at the caret; nothing inside an address or after another letter. */
export function typedAt(text: string, caret: number): Typed | null {
  const found = /(?:^|[^\p{L}\p{N}@/._+-])@([A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/u.exec(text.slice(0, caret));
  const word = found?.[1] ?? '';
  return found ? { from: caret - word.length - 1, word } : null;
}

/** The text with that word in place of what was typed, and where the caret stands then. */
export function filled(text: string, typed: Typed, word: string): { text: string; caret: number } {
  const before = `${text.slice(0, typed.from)}@${word} `;
  const after = text.slice(typed.from + 1 + typed.word.length).replace(/^ /, '');
  return { text: before + after, caret: before.length };
}
