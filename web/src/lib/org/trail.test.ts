import { describe, expect, it } from 'vitest';
import { happening, pageOf, told } from './trail';

const LEENA = '01900000-0000-7000-8000-000000000001';
const nameOf = (id: string) => (id === LEENA ? 'Leena' : null);

describe('the trail', () => {
  it('says what happened in words', () => {
    expect(happening('goal.clip_added')).toBe('Goal: clip added');
    expect(happening('take_session.discarded')).toBe('Take session: discarded');
  });

  it('leads to the page of what was changed', () => {
    expect(pageOf({ subject_kind: 'goal', subject: 'g' })).toBe('/goals/g');
    expect(pageOf({ subject_kind: 'token', subject: 't' })).toBeNull();
    expect(pageOf({ subject_kind: 'goal', subject: null })).toBeNull();
  });

  it('tells what changed and leaves out what stayed', () => {
    expect(told({ name: ['A', 'B'], kind: ['team', 'team'], lead: [null, LEENA] }, nameOf)).toEqual(['name: A → B', 'lead: none → Leena']);
    expect(told({ person: LEENA, first_day: '2026-11-23', other: '01900000-0000-7000-8000-000000000002', note: '' }, nameOf)).toEqual(['person: Leena', 'first day: 2026-11-23']);
    expect(told('nothing', nameOf)).toEqual([]);
  });
});
