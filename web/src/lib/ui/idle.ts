/** Asks for code that a press will need, once the page has nothing better to do: the press then waits for nothing. */
export function whenIdle(load: () => Promise<unknown>): void {
  const ask = () => void load().catch(() => {});
  if (typeof requestIdleCallback === 'function') requestIdleCallback(ask, { timeout: 2000 });
  else setTimeout(ask, 200);
}
