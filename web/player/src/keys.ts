/** Which key does what (design.md, "Keys"). Only the table: the element carries it out. */

export type Act =
  | { do: 'toggle' | 'captions' | 'mute' | 'full' | 'pip' | 'chapter' | 'comment' }
  | { do: 'by' | 'frame' | 'rate'; n: number }
  | { do: 'part'; n: number };

const TABLE: Record<string, Act> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  ArrowLeft: { do: 'by', n: -5 },
  ArrowRight: { do: 'by', n: 5 },
  j: { do: 'by', n: -10 },
  l: { do: 'by', n: 10 },
  ',': { do: 'frame', n: -1 },
  '.': { do: 'frame', n: 1 },
  '<': { do: 'rate', n: -1 },
  '>': { do: 'rate', n: 1 },
  c: { do: 'captions' },
  m: { do: 'mute' },
  f: { do: 'full' },
  i: { do: 'pip' },
  n: { do: 'chapter' },
  t: { do: 'comment' },
};

/** What the slider adds while it has the focus. */
const SLIDER: Record<string, Act> = {
  ArrowUp: { do: 'by', n: 5 },
  ArrowDown: { do: 'by', n: -5 },
  PageUp: { do: 'by', n: 10 },
  PageDown: { do: 'by', n: -10 },
  Home: { do: 'part', n: 0 },
  End: { do: 'part', n: 1 },
};

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The act a key press asks for; none with a modifier, since those belong to the browser. */
export function actOf(press: Press, onSlider: boolean): Act | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  if (/^[0-9]$/.test(press.key)) return { do: 'part', n: Number(press.key) / 10 };
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  return TABLE[key] ?? (onSlider ? SLIDER[key] : undefined);
}

export const RATES = [0.8, 1, 1.2, 1.5, 1.75, 2, 2.5];

/** The next speed up or down from `rate`; stays at the ends. */
export function nextRate(rate: number, step: number): number {
  if (step > 0) return RATES.find((r) => r > rate + 0.01) ?? RATES[RATES.length - 1]!;
  return RATES.findLast((r) => r < rate - 0.01) ?? RATES[0]!;
}
