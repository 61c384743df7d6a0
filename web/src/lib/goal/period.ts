import type { Goal, PeriodKind } from '../api/types';
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

/** Whether a goal's period lies in the range. A week belongs where its Thursday is. */
export function within(goal: { period: { kind: PeriodKind; start: string; end: string } }, range: Range): boolean {
  if (goal.period.kind !== 'week') return goal.period.start >= range.start && goal.period.end <= range.end;
  const thursday = new Date(`${goal.period.start}T12:00:00`);
  thursday.setDate(thursday.getDate() + 3);
  const day = dayOf(thursday);
  return day >= range.start && day <= range.end;
}

export interface Branch { goal: Goal; level: number; under: Branch[] }

const KINDS: PeriodKind[] = ['year', 'quarter', 'month', 'week'];
const WIDTHS = ['company', 'division', 'manager', 'individual'];

/** Goals as a tree: whoever's parent is not among them stands at the top; wide before narrow, long before short. */
export function tree(goals: Goal[]): Branch[] {
  const known = new Set(goals.map((goal) => goal.id));
  const grow = (level: number, parent: string | null, path: Set<string>): Branch[] => goals
    .filter((goal) => (parent === null ? !goal.parent || !known.has(goal.parent.id) : goal.parent?.id === parent) && !path.has(goal.id))
    .toSorted((a, b) => WIDTHS.indexOf(a.scope) - WIDTHS.indexOf(b.scope) || KINDS.indexOf(a.period.kind) - KINDS.indexOf(b.period.kind)
      || a.period.start.localeCompare(b.period.start) || a.title.localeCompare(b.title))
    .map((goal) => ({ goal, level, under: grow(level + 1, goal.id, new Set([...path, goal.id])) }));
  return grow(1, null, new Set());
}

/** A goal and all under it. */
export function withDescendants(goals: Goal[], roots: Goal[]): Goal[] {
  const kept = new Set(roots.map((goal) => goal.id));
  for (let grew = true; grew;) {
    grew = false;
    for (const goal of goals) {
      if (!kept.has(goal.id) && goal.parent && kept.has(goal.parent.id)) {
        kept.add(goal.id);
        grew = true;
      }
    }
  }
  return goals.filter((goal) => kept.has(goal.id));
}
