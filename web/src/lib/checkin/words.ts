import type { CheckIn, Decision, Slot } from '../api/types';
import { atTime, calendar, dayName, longDate, shortDate } from '../ui/time';

export const DECISIONS: Record<Decision, string> = { acknowledged: 'Acknowledged', discuss: 'To be discussed', change_asked: 'Change asked' };

/** "Thursday 12 November" */
export const dayTitle = (date: string): string => longDate(calendar(date));

/** What a slot says beside its day: "Due 16:00", "Opens Tuesday at 09:00", "Submitted". */
export function slotWord(slot: Slot, now = new Date()): { status: string; word: string } {
  if (slot.state === 'open') {
    const due = new Date(slot.due_at);
    const today = due.toDateString() === now.toDateString();
    return { status: 'open', word: today ? `Due ${atTime(due)}` : `Due ${shortDate(due)}, ${atTime(due)}` };
  }
  if (slot.state === 'ahead') return { status: 'ahead', word: `Opens ${dayName(new Date(slot.opens_at))} at ${atTime(new Date(slot.opens_at))}` };
  if (slot.state === 'missed') return { status: 'missed', word: 'Missed' };
  return { status: slot.state, word: { submitted: 'Submitted', late: 'Late', excused: 'Excused' }[slot.state] };
}

/** A missed check-in stays a fact. */
export const missedSentence = (slot: Slot): string => `Missed on ${dayTitle(slot.local_date)}. It stays so; an extra check-in goes beside it.`;

/** The title a check-in is listed under. */
export const titleOf = (checkIn: CheckIn): string => checkIn.headline || `${checkIn.author.name}’s check-in`;
