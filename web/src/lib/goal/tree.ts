import type { Goal } from '../api/types';

/** A goal in a tree: how deep it stands and where, since under a filter one goal may stand in two places. */
export interface Row { goal: Goal; level: number; path: string; parent: string | null }

const KINDS = ['year', 'quarter', 'month', 'week'];
const WIDTHS = ['company', 'division', 'manager', 'individual'];

/** Wide before narrow, long before short, early before late. */
export const inOrder = (a: Goal, b: Goal): number =>
  WIDTHS.indexOf(a.scope) - WIDTHS.indexOf(b.scope) || KINDS.indexOf(a.period.kind) - KINDS.indexOf(b.period.kind)
  || a.period.start.localeCompare(b.period.start) || a.title.localeCompare(b.title) || a.id.localeCompare(b.id);

/** The rows that are shown: the goals at the top, and under each that is open those that were fetched for it. */
export function rows(tops: Goal[], under: ReadonlyMap<string, Goal[]>, open: (id: string) => boolean): Row[] {
  const flat = (goals: Goal[], level: number, parent: string | null): Row[] => goals.toSorted(inOrder).flatMap((goal) => {
    const path = `${parent ?? ''}/${goal.id}`;
    if (parent?.split('/').includes(goal.id)) return [];
    return [{ goal, level, path, parent }, ...(open(goal.id) ? flat(under.get(goal.id) ?? [], level + 1, path) : [])];
  });
  return flat(tops, 1, null);
}

/** Which goals to open at once on arrival: those of a level, in order, while what comes in stays short enough to read. */
export function worthOpening(level: Goal[], folded: (id: string) => boolean, room: number): Goal[] {
  const taken: Goal[] = [];
  for (const goal of level.filter((one) => one.children > 0 && !folded(one.id)).toSorted(inOrder)) {
    room -= goal.children;
    if (room < 0 || taken.length === 100) break;
    taken.push(goal);
  }
  return taken;
}

/** What an arrow key does on a row, as in any tree: open or go in, fold or go out. */
export function arrow(key: string, row: Row, open: boolean): 'open' | 'fold' | 'in' | 'out' | null {
  if (key === 'ArrowRight') return row.goal.children === 0 ? null : open ? 'in' : 'open';
  if (key === 'ArrowLeft') return open && row.goal.children > 0 ? 'fold' : row.parent === null ? null : 'out';
  return null;
}
