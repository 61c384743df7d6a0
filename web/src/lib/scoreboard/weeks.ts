import type { WeekTally } from '../api/types';
import { percent, onTime } from './words';

/** Columns for bars that stand behind each other: everything asked for, what was there at all, what was there on time. */
export type Bars = [number[], number[], number[], number[]];

export function bars(weeks: WeekTally[]): Bars {
  const sum = (add: (week: WeekTally) => number) => weeks.map(add);
  return [weeks.map((_, i) => i), sum((week) => week.submitted + week.late + week.missed), sum((week) => week.submitted + week.late), sum((week) => week.submitted)];
}

/** "W53" */
export const label = (week: Pick<WeekTally, 'week'>): string => `W${week.week}`;

/** The plot for ears: "96% on time over 12 weeks, from 90% in week 38 to 100% in week 49." */
export function inWords(weeks: WeekTally[], share: number | null): string {
  const told = weeks.filter((week) => onTime(week) !== null);
  const [first, last] = [told[0], told.at(-1)];
  if (!first || !last) return 'No check-in was due in these weeks.';
  return `${percent(share)} on time over ${weeks.length} weeks, from ${percent(onTime(first))} in week ${first.week} to ${percent(onTime(last))} in week ${last.week}.`;
}
