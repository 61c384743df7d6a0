import { describe, expect, it } from 'vitest';
import type { Slot } from '../api/types';
import { againstSentence, carriedSentence, missedSentence, moment, slotWord } from './words';

const now = new Date(2026, 10, 12, 11);
const slot = (more: Partial<Slot>): Slot => ({
  id: 's', person: { id: 'p', name: 'Leena', handle: 'leena', title: '' }, reviewer: null, local_date: '2026-11-12', time_zone: 'Europe/Oslo',
  opens_at: new Date(2026, 10, 17, 9).toISOString(), due_at: new Date(2026, 10, 12, 16).toISOString(), grace_until: '', state: 'open', check_in: null, ...more,
});

describe('slots', () => {
  it('say what is next', () => {
    expect(slotWord(slot({}), now).word).toBe('Due 16:00');
    expect(slotWord(slot({ due_at: new Date(2026, 10, 13, 16).toISOString() }), now).word).toBe('Due Fri 13 Nov, 16:00');
    const over = slot({ due_at: new Date(2026, 10, 12, 10, 45).toISOString(), grace_until: new Date(2026, 10, 12, 11, 45).toISOString() });
    expect(slotWord(over, now)).toEqual({ status: 'late', word: 'Was due 10:45; late until 11:45' });
    expect(slotWord(slot({ state: 'ahead' }), now).word).toBe('Opens Tuesday at 09:00');
    expect(slotWord(slot({ state: 'submitted' }), now)).toEqual({ status: 'submitted', word: 'Submitted' });
  });

  it('tie a blocker to a moment of the video', () => {
    expect(['1:08', '68', ' 0:05 ', '', '3:00'].map(moment)).toEqual([68_000, 68_000, 5000, null, 180_000]);
    expect(['3:01', '1:72', 'soon', '-3', '1:2:3'].map(moment)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it('name the numbers that say otherwise', () => {
    expect(againstSentence([{ metric: 'm', name: 'Boards', unit: '', target: 64, values: [60, 58.5, 57] }])).toBe('Boards moved away from 64 for two check-ins: 60, 58.5, 57.');
  });

  it('say that missed stays missed', () => {
    expect(missedSentence(slot({ local_date: '2026-11-03', state: 'missed' }))).toBe('Missed on Tuesday 3 November. It stays so; an extra check-in goes beside it.');
  });
});

it('a blocker from before says how many slots have ended with it', () => {
  expect([0, 1, 2].map((times) => carriedSentence(times, null))).toEqual(['From the check-in before.', 'Carried over once.', 'Carried over 2 times.']);
  expect(carriedSentence(1, 'Ingrid Solvang')).toBe('Carried over once; it has passed up to Ingrid Solvang.');
});
