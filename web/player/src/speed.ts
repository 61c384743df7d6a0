/** The speed somebody likes, kept in this browser; a frame without storage keeps it for one video. */

const KEY = 'twotake-speed';

export function remembered(): number {
  try {
    return Number(localStorage.getItem(KEY)) || 1;
  } catch {
    return 1;
  }
}

export function remember(rate: number): void {
  try {
    localStorage.setItem(KEY, String(rate));
  } catch {
    // Nothing to do: the next video begins at 1×.
  }
}
