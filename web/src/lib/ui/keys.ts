/** Single letters and pairs ("g h") for the whole page. They rest while a field has focus and can be switched off. */
export interface Shortcut { keys: string; label: string; where: string; act: (event: KeyboardEvent) => void }

const shortcuts = new Set<Shortcut>();
let pending = '';
let pendingUntil = 0;

/** Adds shortcuts; the answer takes them away again. */
export function bind(...added: Shortcut[]): () => void {
  added.forEach((shortcut) => shortcuts.add(shortcut));
  return () => added.forEach((shortcut) => shortcuts.delete(shortcut));
}

export function bound(): Shortcut[] {
  return [...shortcuts];
}

export function lettersOn(): boolean {
  return localStorage.getItem('letters') !== 'off';
}

export function setLetters(on: boolean): void {
  localStorage.setItem('letters', on ? 'on' : 'off');
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** What a press means: the pair it completes, or itself. */
export function meaning(before: string, key: string): string {
  return before ? `${before} ${key}` : key;
}

export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !lettersOn()) return;
  // Enter and Space press what has the focus.
  if ((event.key === 'Enter' || event.key === ' ') && event.target instanceof HTMLElement && event.target.closest('a, button, summary')) return;
  // Player keys win while the focus is in the player, and nothing acts behind a dialog.
  if (event.target instanceof HTMLElement && event.target.closest('twotake-player, dialog')) return;
  if (document.querySelector('dialog[open]')) return;
  const before = Date.now() < pendingUntil ? pending : '';
  const name = meaning(before, event.shiftKey && event.key.length === 1 && /[a-z]/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key);
  pending = '';
  const all = [...shortcuts].reverse();
  const hit = all.find((shortcut) => shortcut.keys === name);
  if (hit) {
    event.preventDefault();
    hit.act(event);
  } else if (all.some((shortcut) => shortcut.keys.startsWith(`${event.key} `))) {
    pending = event.key;
    pendingUntil = Date.now() + 1200;
  }
}

/** Presses what an entry of a list offers under a mark: `o` plays in place, `e` is done with it. False when it offers nothing. */
export function offered(mark: 'play' | 'done'): boolean {
  const entry = document.activeElement?.closest('article, li, tr');
  const button = entry?.querySelector<HTMLButtonElement>(`[data-${mark}]:not(:disabled)`);
  button?.click();
  return !!button;
}

/** `j` and `k` move through the links and buttons that a list marks with `data-stop`. */
export function move(step: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>('[data-stop], .card h3 a, .owe h3 a, .tree .g a, .post h2 a')];
  if (stops.length === 0) return;
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[at < 0 ? (step > 0 ? 0 : stops.length - 1) : Math.min(Math.max(at + step, 0), stops.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
