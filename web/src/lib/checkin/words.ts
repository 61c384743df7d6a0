import type { CheckIn, Decision, Drift, Slot } from '../api/types';
import { atTime, calendar, dayName, longDate, shortDate } from '../ui/time';

export const DECISIONS: Record<Decision, string> = { acknowledged: 'Acknowledged', discuss: 'To be discussed', change_asked: 'Change asked' };

/** "Thursday 12 November" */
export const dayTitle = (date: string): string => longDate(calendar(date));

/** What a slot says beside its day: "Due 16:00", "Was due 16:00; late until 17:00", "Opens Tuesday at 09:00", "Submitted". */
export function slotWord(slot: Slot, now = new Date()): { status: string; word: string } {
  if (slot.state === 'open') {
    const due = new Date(slot.due_at);
    if (now > due) return { status: 'late', word: `Was due ${atTime(due)}; late until ${atTime(new Date(slot.grace_until))}` };
    const today = due.toDateString() === now.toDateString();
    return { status: 'open', word: today ? `Due ${atTime(due)}` : `Due ${shortDate(due)}, ${atTime(due)}` };
  }
  if (slot.state === 'ahead') return { status: 'ahead', word: `Opens ${dayName(new Date(slot.opens_at))} at ${atTime(new Date(slot.opens_at))}` };
  if (slot.state === 'missed') return { status: 'missed', word: 'Missed' };
  return { status: slot.state, word: { submitted: 'Submitted', late: 'Late', excused: 'Excused' }[slot.state] };
}

/** "1:08" or "68" as milliseconds; null for nothing, undefined for what is no moment of a video. */
export function moment(text: string): number | null | undefined {
  if (!text.trim()) return null;
  const [, minutes = '0', seconds] = /^(?:(\d):)?(\d{1,3})$/.exec(text.trim()) ?? [];
  const ms = (Number(minutes) * 60 + Number(seconds)) * 1000;
  return seconds === undefined || (minutes !== '0' && Number(seconds) > 59) || ms > 180_000 ? undefined : ms;
}

/** Which numbers say otherwise: "Boards passing moved away from 64 for two check-ins: 60, 58, 57." */
export function againstSentence(against: Drift[]): string {
  const write = (value: number) => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value);
  return against.map((one) => `${one.name} moved away from ${write(one.target)}${one.unit ? ` ${one.unit}` : ''} for two check-ins: ${one.values.map(write).join(', ')}.`).join(' ');
}

/** What stands under a blocker from before: how many slots have ended with it, and how far up it went. */
export function carriedSentence(times: number, up: string | null): string {
  const carried = times === 0 ? 'From the check-in before' : `Carried over ${times === 1 ? 'once' : `${times} times`}`;
  return `${carried}${up ? `; it has passed up to ${up}` : ''}.`;
}

/** A missed check-in stays a fact. */
export const missedSentence = (slot: Slot): string => `Missed on ${dayTitle(slot.local_date)}. It stays so; an extra check-in goes beside it.`;

/** The title a check-in is listed under. */
export const titleOf = (checkIn: CheckIn): string => checkIn.headline || `${checkIn.author.name}’s check-in`;
