import type { Blocker, CheckIn, CheckInGoal, Drift, GoalStatus } from '../api/types';
import { number } from '../goal/number';

/** A check-in as it is being written: numbers are text until they are sent. */
export interface GoalDraft { id: string; title: string; period: string; status: GoalStatus | null; no_change: boolean; confidence: number | null; note: string; against: Drift[]; reason: string; metrics: { metric: string; name: string; unit: string; previous: number | null; value: string }[] }
/** `carried` ones come from earlier check-ins: they are answered or withdrawn, never written again. */
export interface BlockerDraft { id: string | null; text: string; goal: string; asks: string; at_ms: number | null; carried: boolean; times: number; about: string; up: string | null }
export interface Draft { headline: string; wins: string; next_actions: string; recording: string | null; goals: GoalDraft[]; blockers: BlockerDraft[] }

const idOf = (value: Blocker['goal'] | Blocker['asks']): string => (typeof value === 'string' ? value : (value?.id ?? ''));
const periodOf = (entry: CheckInGoal): string => (typeof entry.goal.period === 'string' ? entry.goal.period : (entry.goal.period?.label ?? ''));

export function draftOf(it: CheckIn): Draft {
  return {
    headline: it.headline ?? '', wins: it.wins ?? '', next_actions: it.next_actions ?? '', recording: it.recording?.id ?? null,
    goals: it.goals.map((entry) => ({
      id: entry.goal.id, title: entry.goal.title, period: periodOf(entry), status: entry.status, no_change: entry.no_change, confidence: entry.confidence,
      note: entry.note ?? '', against: entry.against, reason: entry.reason, metrics: entry.metrics.map((one) => ({ metric: one.metric, name: one.name, unit: one.unit ?? '', previous: one.previous, value: one.value === null ? '' : String(one.value) })),
    })),
    blockers: it.blockers.filter((one) => one.state !== 'resolved' && one.state !== 'withdrawn').map((one) => ({
      id: one.id ?? null, text: one.text, goal: idOf(one.goal), asks: idOf(one.asks), at_ms: one.at_ms ?? null, carried: one.carried ?? false, times: one.slots_carried ?? 0, up: one.escalated_to?.name ?? null,
      about: [typeof one.goal === 'object' ? one.goal?.title : null, typeof one.asks === 'object' && one.asks ? `asks ${one.asks.name}` : null].filter(Boolean).join(' · '),
    })),
  };
}

/** What is sent: only answers, with numbers as numbers. */
export function wire(draft: Draft, revision: number): Record<string, unknown> {
  return {
    headline: draft.headline.trim(), wins: draft.wins.trim(), next_actions: draft.next_actions.trim(), recording: draft.recording, revision,
    goals: draft.goals.map((goal) => ({
      goal: goal.id, status: goal.status, no_change: goal.no_change, confidence: goal.confidence, note: goal.note.trim(), reason: goal.reason.trim(),
      metrics: goal.metrics.flatMap((one) => (number(one.value) === null ? [] : [{ metric: one.metric, value: number(one.value) }])),
    })),
    blockers: draft.blockers.filter((one) => one.text.trim()).map((one) => ({ ...(one.id ? { id: one.id } : {}), text: one.text.trim(), goal: one.goal || null, asks: one.asks || null, at_ms: one.at_ms })),
  };
}

/** A new blocker, before it is saved. */
export const blankBlocker = (): BlockerDraft => ({ id: null, text: '', goal: '', asks: '', at_ms: null, carried: false, times: 0, about: '', up: null });

/** Goals that still need an answer: a status, or an explicit "no change". */
export const unanswered = (draft: Draft): GoalDraft[] => draft.goals.filter((goal) => !goal.no_change && goal.status === null);

/** Goals said to be on track against their number, without a line that says why. */
export const unexplained = (draft: Draft): GoalDraft[] => draft.goals.filter((goal) => goal.status === 'on_track' && !goal.no_change && goal.against.length > 0 && !goal.reason.trim());

/** What still stands in the way of submitting, as a sentence; null when nothing does. */
export function missing(draft: Draft): string | null {
  if (!draft.headline.trim()) return 'It needs a headline: what one line should people remember?';
  const [first, ...more] = unanswered(draft);
  if (!first) {
    const [told] = unexplained(draft);
    return told ? `You say on track, the number says otherwise: ${told.title}. Keep it if you have a reason, and say it in a line.` : null;
  }
  return more.length === 0 ? `One goal is still open: ${first.title}.` : `${more.length + 1} goals are still open: ${first.title} and ${more.length} more.`;
}
