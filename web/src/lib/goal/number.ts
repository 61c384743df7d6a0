/** "31,4" and "31.4" are the same number; nothing and what is none are null. */
export function number(text: string): number | null {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() === '' || Number.isNaN(value) ? null : value;
}
