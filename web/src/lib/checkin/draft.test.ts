import { describe, expect, it } from 'vitest';
import type { CheckIn } from '../api/types';
import { blankBlocker, draftOf, missing, unanswered, unexplained, wire } from './draft';

const checkIn = {
  id: 'c', headline: null, wins: null, next_actions: null, recording: null, state: 'draft', revision: 3, local_date: '2026-11-12',
  goals: [
    { goal: { id: 'g', title: 'Calibration', period: 'November 2026' }, status: null, no_change: false, confidence: null, note: null, against: [], reason: '', metrics: [{ metric: 'm', name: 'Minutes', unit: 'min', previous: 31.4, value: null }] },
    { goal: { id: 'h', title: 'Firmware', period: { label: 'Week 46' } }, status: 'caution', no_change: false, confidence: 5, note: 'slow', against: [], reason: '', metrics: [] },
  ],
  blockers: [{ id: 'b', text: 'No spare supply', goal: { id: 'h', title: 'Firmware' }, asks: { id: 'p', name: 'Bruno', handle: 'bruno', title: null }, at_ms: null }],
} as unknown as CheckIn;

describe('a draft', () => {
  it('comes from the server and goes back the same', () => {
    const draft = draftOf(checkIn);
    expect(draft.goals.map((goal) => goal.period)).toEqual(['November 2026', 'Week 46']);
    draft.headline = ' Second bath is gone ';
    draft.goals[0]!.metrics[0]!.value = '28,5';
    expect(wire(draft, 3)).toMatchObject({
      headline: 'Second bath is gone', revision: 3, recording: null,
      goals: [{ goal: 'g', status: null, metrics: [{ metric: 'm', value: 28.5 }] }, { goal: 'h', status: 'caution', confidence: 5, note: 'slow', metrics: [] }],
      blockers: [{ id: 'b', text: 'No spare supply', goal: 'h', asks: 'p' }],
    });
  });

  it('leaves out what was not typed and empty blockers', () => {
    const draft = draftOf(checkIn);
    draft.goals[0]!.metrics[0]!.value = 'many';
    draft.blockers.push({ ...blankBlocker(), text: '  ' });
    expect(wire(draft, 3)).toMatchObject({ goals: [{ metrics: [] }, {}], blockers: [{}] });
  });

  it('says what is missing, in the order of the page', () => {
    const draft = draftOf(checkIn);
    expect(missing(draft)).toContain('headline');
    draft.headline = 'x';
    expect(unanswered(draft).map((goal) => goal.id)).toEqual(['g']);
    expect(missing(draft)).toBe('One goal is still open: Calibration.');
    draft.goals[0]!.no_change = true;
    expect(missing(draft)).toBeNull();
  });

  it('asks why a goal is on track against its number, and only then', () => {
    const draft = draftOf(checkIn);
    draft.headline = 'x';
    Object.assign(draft.goals[0]!, { status: 'on_track', against: [{ metric: 'm', name: 'Minutes', unit: 'min', target: 20, values: [28, 30, 31] }] });
    expect(unexplained(draft).map((goal) => goal.id)).toEqual(['g']);
    expect(missing(draft)).toContain('Calibration');
    draft.goals[0]!.reason = 'The bath was out for a day.';
    expect(missing(draft)).toBeNull();
    expect(wire(draft, 3)).toMatchObject({ goals: [{ reason: 'The bath was out for a day.' }, {}] });
    draft.goals[0]!.status = 'caution';
    expect(unexplained(draft)).toEqual([]);
  });
});
