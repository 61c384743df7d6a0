// What changed between two versions of a text, word by word.

export interface Part { kind: 'same' | 'in' | 'out'; text: string }

/** More cells than this, and the two are shown one after the other. */
const MOST = 2_000_000;

/** The parts of both texts in order: what stayed, what went, what came. */
export function diff(before: string, after: string): Part[] {
  if (before === after) return before ? [{ kind: 'same', text: before }] : [];
  const [a, b] = [tokens(before), tokens(after)];
  if (a.length * b.length > MOST) return [{ kind: 'out', text: before }, { kind: 'in', text: after }];
  const longest = table(a, b);
  const parts: Part[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      add(parts, 'same', left);
      i += 1;
      j += 1;
    } else if (right === undefined || (left !== undefined && (longest[i + 1]?.[j] ?? 0) >= (longest[i]?.[j + 1] ?? 0))) {
      add(parts, 'out', left ?? '');
      i += 1;
    } else {
      add(parts, 'in', right);
      j += 1;
    }
  }
  return parts;
}

const tokens = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];

/** Length of the longest common run of tokens from each place on. */
function table(a: string[], b: string[]): Uint32Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (!row || !below) continue;
    for (let j = b.length - 1; j >= 0; j -= 1) row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
  }
  return rows;
}

function add(parts: Part[], kind: Part['kind'], text: string): void {
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}
