import type { Goal, Metric, Scope } from '../api/types';

export const SCOPES: Record<Scope, string> = { company: 'Company', division: 'Division', manager: 'Manager', individual: 'Individual' };

/** A number as its metric writes it: "31.4 min", "92%", "yes". */
export function written(value: number | null, metric: Pick<Metric, 'format' | 'unit'>): string {
  if (value === null) return 'no value';
  if (metric.format === 'yes_no') return value >= 1 ? 'yes' : 'no';
  const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value);
  return metric.format === 'percent' ? `${number}%` : metric.unit ? `${number} ${metric.unit}` : number;
}

/** What a metric aims at: "Lead, target 20 min". */
export function aim(metric: Metric): string {
  const way = { increase: 'up to', decrease: 'down to', stay_above: 'stay above', stay_below: 'stay below' }[metric.direction] ?? 'target';
  return `${metric.kind === 'lead' ? 'Lead' : 'Lag'}, ${way} ${written(metric.target, metric)}`;
}

/** Where a goal belongs, for its line of meta. */
export const place = (goal: Goal): string[] => [goal.unit && goal.unit.name !== SCOPES[goal.scope] ? goal.unit.name : SCOPES[goal.scope], goal.period.label];

/** The state that is shown: how it ended, or what the last check-in said. */
export const shownStatus = (goal: Goal): string | null =>
  goal.state === 'closed' ? (goal.outcome ?? 'done') : goal.state === 'cancelled' ? 'cancelled' : goal.state === 'draft' ? 'draft' : goal.status;
