import type { Goal, GoalLink, Metric, Scope } from '../api/types';

export const SCOPES: Record<Scope, string> = { company: 'Company', division: 'Division', manager: 'Manager', individual: 'Individual' };

export const LINKS: Record<GoalLink['kind'], string> = { confluence: 'Confluence', jira: 'Jira', monday: 'Monday', zendesk: 'Zendesk', document: 'Document' };

/** A number as its metric writes it: "31.4 min", "92%", "€1,200", "yes". Money in a currency's own form, else before its unit. */
export function written(value: number | null, metric: Pick<Metric, 'format' | 'unit'>): string {
  if (value === null) return 'no value';
  if (metric.format === 'yes_no') return value >= 1 ? 'yes' : 'no';
  if (metric.format === 'money' && /^[A-Z]{3}$/.test(metric.unit)) return money(value, metric.unit);
  const number = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value);
  return metric.format === 'percent' ? `${number}%` : metric.unit ? `${number} ${metric.unit}` : number;
}

function money(value: number, currency: string): string {
  return new Intl.NumberFormat('en-GB', { style: 'currency', currency, minimumFractionDigits: Number.isInteger(value) ? 0 : 2 }).format(value);
}

/** What a metric aims at: "down to 20 min from 42 min", "stay above 99%". */
export function aim(metric: Metric): string {
  const target = written(metric.target, metric);
  if (metric.format === 'yes_no') return `until it is ${target}`;
  if (metric.direction === 'stay_above' || metric.direction === 'stay_below') return `${metric.direction.replace('_', ' ')} ${target}`;
  return `${metric.direction === 'decrease' ? 'down' : 'up'} to ${target} from ${written(metric.baseline, metric)}`;
}

/** Where a goal belongs, for its line of meta. */
export const place = (goal: Goal): string[] => [goal.unit && goal.unit.name !== SCOPES[goal.scope] ? goal.unit.name : SCOPES[goal.scope], goal.period.label];

/** The state that is shown: how it ended, or what the last check-in said. */
export const shownStatus = (goal: Goal): string | null =>
  goal.state === 'closed' ? (goal.outcome ?? 'done') : goal.state === 'cancelled' ? 'cancelled' : goal.state === 'draft' ? 'draft' : goal.status;
