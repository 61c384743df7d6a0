import type { PeriodKind } from '../api/types';
import { dayOf, isoWeek } from '../ui/time';

/** A stretch of days of the calendar, both ends in it. */
export interface Range { kind: PeriodKind; start: string; end: string; name: string }

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** The year, quarter, month or ISO week that a day is in. The fiscal year begins with month `first` (1 to 12). */
export function rangeOf(kind: PeriodKind, day: Date, first = 1): Range {
  const [year, month] = [day.getFullYear(), day.getMonth()];
  const into = (month - (first - 1) + 12) % 12;
  const span = (from: Date, until: Date, name: string): Range => ({ kind, start: dayOf(from), end: dayOf(until), name });
  if (kind === 'year') {
    const from = new Date(year, month - into, 1);
    return span(from, new Date(from.getFullYear(), from.getMonth() + 12, 0), first === 1 ? `${year}` : `${from.getFullYear()}–${from.getFullYear() + 1}`);
  }
  if (kind === 'quarter') {
    const from = new Date(year, month - (into % 3), 1);
    return span(from, new Date(from.getFullYear(), from.getMonth() + 3, 0), `Quarter ${Math.floor(into / 3) + 1}`);
  }
  if (kind === 'month') return span(new Date(year, month, 1), new Date(year, month + 1, 0), MONTHS[month] ?? '');
  const monday = new Date(year, month, day.getDate() - ((day.getDay() + 6) % 7));
  return span(monday, new Date(monday.getFullYear(), monday.getMonth(), monday.getDate() + 6), `Week ${isoWeek(day)}`);
}

/** A day of the period before or after. */
export function step(range: Range, by: 1 | -1): Date {
  const edge = new Date(`${by > 0 ? range.end : range.start}T12:00:00`);
  edge.setDate(edge.getDate() + by);
  return edge;
}
