import { ProblemError } from '../api/problem';
import type { Goal } from '../api/types';

/** What the server has now, when it refused a change because somebody else was first; null for every other error. */
export function changedMeanwhile(error: unknown): Goal | null {
  return error instanceof ProblemError && error.code === 'stale' ? ((error.body.current as Goal | undefined) ?? null) : null;
}

/** Fields of a goal as its form has them. */
export interface GoalForm { title: string; description: string; scope: string; unit: string; owner: string; reviewer: string; period_kind: string; period_start: string; parent: string }

export const formOf = (goal: Goal): GoalForm => ({
  title: goal.title, description: goal.description, scope: goal.scope, unit: goal.unit?.id ?? '', owner: goal.owner.id, reviewer: goal.reviewer?.id ?? '',
  period_kind: goal.period.kind, period_start: goal.period.start, parent: goal.parent?.id ?? '',
});

export const FIELDS: Record<keyof GoalForm, string> = {
  title: 'Title', description: 'Description', scope: 'Scope', unit: 'Unit', owner: 'Owner', reviewer: 'Reviewer', period_kind: 'Period', period_start: 'Day in it', parent: 'Stands under',
};

/** A field of a goal as a person reads it. */
export function shown(goal: Goal, field: keyof GoalForm): string {
  switch (field) {
    case 'unit': return goal.unit?.name ?? 'None';
    case 'owner': return goal.owner.name;
    case 'reviewer': return goal.reviewer?.name ?? 'Nobody';
    case 'period_kind': case 'period_start': return goal.period.label;
    case 'parent': return goal.parent?.title ?? 'No goal';
    default: return goal[field] || 'Nothing';
  }
}

/** Only what was changed is sent: a field that nobody touched is nobody's to write. */
export function changes(base: GoalForm, form: GoalForm): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const key of Object.keys(form) as (keyof GoalForm)[]) {
    if (form[key] === base[key]) continue;
    body[key] = ['unit', 'reviewer', 'parent'].includes(key) ? form[key] || null : form[key].trim();
  }
  return body;
}
