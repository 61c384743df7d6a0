import type { Point } from '../api/types';

/** Columns as the plotting library takes them: seconds, values, target, baseline. The earliest first. */
export type Columns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Points that count: those that no other one corrects, the earliest first. */
export function standing(points: Point[]): Point[] {
  const corrected = new Set(points.map((point) => point.supersedes));
  return points.filter((point) => !corrected.has(point.id)).toSorted((a, b) => a.at.localeCompare(b.at) || a.id.localeCompare(b.id));
}

/** The value of each point, and the target and the baseline from the first day of the period (or point) to the last. */
export function columns(points: Point[], metric: { baseline: number; target: number }, period: { start: string; end: string }): Columns {
  const seconds = (iso: string) => new Date(iso).getTime() / 1000;
  const told = standing(points).map((point) => [seconds(point.at), point.value] as const);
  const [from, until] = [seconds(`${period.start}T00:00:00`), seconds(`${period.end}T23:59:59`)];
  const edges = [Math.min(from, told[0]?.[0] ?? from), Math.max(until, told.at(-1)?.[0] ?? until)];
  const times = [...new Set([...edges, ...told.map(([at]) => at)])].toSorted((a, b) => a - b);
  const values = new Map(told);
  return [times, times.map((at) => values.get(at) ?? null), times.map(() => metric.target), times.map(() => metric.baseline)];
}

/** The plot in words, for whoever does not see it: "From 16 to 48 in 5 values, target 64." */
export function inWords(points: Point[], write: (value: number) => string, target: number): string {
  const told = standing(points);
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last) return `No value yet, target ${write(target)}.`;
  return told.length === 1 ? `One value, ${write(last.value)}, target ${write(target)}.` : `From ${write(first.value)} to ${write(last.value)} in ${told.length} values, target ${write(target)}.`;
}
