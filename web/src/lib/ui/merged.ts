import type { Page } from '../api/types';

/** A list of which the first page was read anew: what that holds, then the rest of what had been read before. What is gone from the
 * first page is gone; what was read behind it stays, and so does the place at which the list goes on. */
export function merged<T extends { id: string }>(before: Page<T> | null, fresh: Page<T>): Page<T> {
  const last = fresh.items.at(-1);
  if (!before || !last || !fresh.next) return fresh;
  const known = new Set(fresh.items.map((one) => one.id));
  const at = before.items.findIndex((one) => one.id === last.id);
  // The page's last one was not there before: so much came that what had been read no longer joins on.
  if (at < 0) return fresh;
  const rest = before.items.slice(at + 1).filter((one) => !known.has(one.id));
  return rest.length === 0 ? fresh : { items: [...fresh.items, ...rest], next: before.next };
}
