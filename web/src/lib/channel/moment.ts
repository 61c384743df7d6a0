// Days and times as the browser's fields have them, in the reader's own zone.
import { dayOf } from '../ui/time';

/** An instant as a field of day and time shows it: "2026-11-25T09:00". */
export function fieldOf(iso: string | null): string {
  if (!iso) return '';
  const date = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${dayOf(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What a field of day and time says, as an instant; null when it is empty. */
export function instantOf(field: string): string | null {
  return field ? new Date(field).toISOString() : null;
}

/** So many days from now at an hour, as a field has it. */
export function ahead(days: number, hour: number, now = new Date()): string {
  const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  return fieldOf(date.toISOString());
}

/** An instant in another zone, named: "Monday 23 November, 09:00 (Europe/Berlin)". */
export function there(iso: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', timeZone: zone });
  return `${parts.format(new Date(iso)).replace(' at ', ', ')} (${zone})`;
}
