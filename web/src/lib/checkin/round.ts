import type { Round } from '../api/types';
import { count, minutes, word } from '../ui/time';

/** The speeds a round offers; what the player's own keys choose beside them is kept too. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];

/** "six updates, 11 minutes" */
export function summary(round: Pick<Round, 'items' | 'total_ms'>): string {
  const updates = count(round.items.length, 'update').replace(/^\d+/, (n) => word(Number(n)).toLowerCase());
  return round.total_ms > 0 ? `${updates}, ${minutes(round.total_ms)}` : updates;
}

/** Where a round goes on: the check-in and the second that were kept, else its beginning. One that was finished begins anew, at
 *  what has come since, if anything has. */
export function goesOn(round: Pick<Round, 'items' | 'place'>): { at: number; seconds: number; begun: boolean } {
  const { place, items } = round;
  const at = place ? items.findIndex((item) => item.id === place.check_in) : -1;
  if (!place || at < 0) return { at: 0, seconds: 0, begun: false };
  if (place.finished) return at + 1 < items.length ? { at: at + 1, seconds: 0, begun: true } : { at: 0, seconds: 0, begun: false };
  return { at, seconds: place.at_ms / 1000, begun: at > 0 || place.at_ms > 0 };
}

/** What is asked of the server for a round that an address names. */
export function asked(params: URLSearchParams): Record<string, string | null> {
  return { unit: params.get('unit'), manager: params.get('manager'), date: params.get('date') };
}

/** The address of a round, for the same people on another day. */
export function addressOf(circle: Round['circle'], date: string | null, company: string | null): string {
  const query = new URLSearchParams();
  if (circle.kind === 'manager') query.set('manager', circle.id);
  else query.set('unit', circle.kind === 'company' ? (company ?? '') : circle.id);
  if (date) query.set('date', date);
  return `/check-ins/round?${query}`;
}
