import type { LeadMetric, Reliable, SlotState, Tally } from '../api/types';
import { written } from '../goal/words';
import { calendar, dayAndMonth } from '../ui/time';

/** The mark that each state of a slot has in a row of them, in the order of the legend, and its word. */
export const MARKS: readonly (readonly [SlotState, string, string])[] = [
  ['submitted', 'st-sent', 'on time'], ['late', 'st-late', 'late'], ['missed', 'st-missed', 'missed'], ['excused', 'st-excused', 'excused'], ['open', 'st-due', 'open'],
];
const MARK = new Map<string, string>(MARKS.map(([state, mark]) => [state, mark]));
export const markOf = (state: SlotState): string => MARK.get(state) ?? 'st-none';

/** "22 on time, 1 late": what a row of marks says to ears. */
export function summary(tally: Tally): string {
  const parts = MARKS.flatMap(([state, , word]) => {
    const n = tally[state as keyof Tally];
    return n > 0 ? [`${n} ${word}`] : [];
  });
  return parts.join(', ') || 'no check-in was due';
}

/** The share on time of what was asked for: late and missed count against it, excused and open do not. Null when nothing was. */
export function onTime(tally: Tally): number | null {
  const asked = tally.submitted + tally.late + tally.missed;
  return asked === 0 ? null : tally.submitted / asked;
}

/** The same of the reviews that were owed. */
export function reviewsOnTime(tally: Tally): number | null {
  const asked = tally.reviews_on_time + tally.reviews_missed;
  return asked === 0 ? null : tally.reviews_on_time / asked;
}

/** 0.958 → "96%"; nothing was asked for → "". Never rounded up to 100%. */
export function percent(share: number | null): string {
  if (share === null) return '';
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}%`;
}

/** What stands under a lead metric: "Target 20 min by 30 November". */
export function target(metric: LeadMetric): string {
  const aim = written(metric.target, metric);
  if (metric.format === 'yes_no') return `Until it is ${aim} by ${dayAndMonth(calendar(metric.goal.period.end))}`;
  if (metric.direction === 'stay_above' || metric.direction === 'stay_below') return `Stay ${metric.direction === 'stay_above' ? 'above' : 'below'} ${aim}`;
  return `Target ${aim} by ${dayAndMonth(calendar(metric.goal.period.end))}`;
}

/** People as the page groups them, in the order in which they came. */
export function grouped(people: Reliable[]): { manager: Reliable['manager']; people: Reliable[] }[] {
  const groups: { manager: Reliable['manager']; people: Reliable[] }[] = [];
  for (const one of people) {
    const last = groups.at(-1);
    if (last && last.manager?.id === one.manager?.id) last.people.push(one);
    else groups.push({ manager: one.manager, people: [one] });
  }
  return groups;
}
