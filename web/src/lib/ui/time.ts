// Times as a person reads them. Everything takes "now" so that it can be tested, and the reader's own zone is the browser's.

/** 161200 → "2:41". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** 161200 → "2 minutes 41 seconds", for ears. */
export function spoken(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [count(Math.floor(seconds / 60), 'minute'), count(seconds % 60, 'second')];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ') || '0 seconds';
}

/** "about 9 minutes", at least one. */
export function minutes(ms: number): string {
  return count(Math.max(1, Math.round(ms / 60_000)), 'minute');
}

/** 1 → "1 post", 2 → "2 posts". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Small numbers as words, as a sentence has them. */
export function word(n: number): string {
  return ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'][n] ?? String(n);
}

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options);
const hourMinute = format({ hour: '2-digit', minute: '2-digit' });
const weekday = format({ weekday: 'long' });
const shortDay = format({ weekday: 'short', day: 'numeric', month: 'short' });
const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' });
const dayMonth = format({ day: 'numeric', month: 'long' });
const withYear = format({ day: 'numeric', month: 'short', year: 'numeric' });

export const atTime = (date: Date): string => hourMinute.format(date);
export const dayName = (date: Date): string => weekday.format(date);
export const dayAndMonth = (date: Date): string => dayMonth.format(date);
/** "Tue 10 Nov" */
export const shortDate = (date: Date): string => shortDay.format(date).replace(',', '');
/** "Thursday 12 November" */
export const longDate = (date: Date): string => longDay.format(date).replace(',', '');

/** A local calendar date ("2026-11-12") as a Date at its noon, so that no zone moves it to another day. */
export function calendar(date: string): Date {
  return new Date(`${date.slice(0, 10)}T12:00:00`);
}

function daysBetween(a: Date, b: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(a) - midnight(b)) / 86_400_000);
}

/** When something happened: "08:12" today, "Tue 09:40" this week, "10 Nov 2026" before. */
export function happened(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const days = daysBetween(now, date);
  if (days <= 0) return atTime(date);
  if (days < 7) return `${weekday.format(date).slice(0, 3)} ${atTime(date)}`;
  return withYear.format(date);
}

/** When something is due: "today, 16:00", "tomorrow, 09:00", "Friday, 16:00", "12 December". */
export function due(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const days = daysBetween(date, now);
  if (days === 0) return `today, ${atTime(date)}`;
  if (days === 1) return `tomorrow, ${atTime(date)}`;
  if (days === -1) return `yesterday, ${atTime(date)}`;
  if (days > 1 && days < 7) return `${dayName(date)}, ${atTime(date)}`;
  return dayMonth.format(date);
}

/** How long from now, short: "5h", "40m", "3d"; "late" when it has passed. */
export function left(iso: string, now = new Date()): string {
  const ms = new Date(iso).getTime() - now.getTime();
  if (ms <= 0) return 'late';
  if (ms < 3_600_000) return `${Math.ceil(ms / 60_000)}m`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)}h`;
  return `${Math.round(ms / 86_400_000)}d`;
}

/** The ISO week of a day. */
export function isoWeek(date: Date): number {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7);
}

/** A Date as the calendar day the reader sees, "2026-11-12". */
export function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** 38000000 → "38 MB". */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${Math.round(n / 1000)} kB`;
  if (n < 1_000_000_000) return `${(n / 1_000_000).toFixed(n < 10_000_000 ? 1 : 0)} MB`;
  return `${(n / 1_000_000_000).toFixed(2)} GB`;
}
