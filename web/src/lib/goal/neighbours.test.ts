import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../api/types';
import { neighbours } from './neighbours';

const entry = (id: string, recording: string | null): TimelineEntry => ({ id, recording: recording ? { id: recording } : null }) as TimelineEntry;
const entries = [entry('4', 'new'), entry('3', null), entry('2', 'mid'), entry('1', 'mid'), entry('0', 'old')];

describe('the clips of a goal', () => {
  it('are one key apart, whatever lies between without a video', () => {
    const found = neighbours(entries, 'mid');
    expect([found.before?.recording?.id, found.after?.recording?.id, found.here?.id]).toEqual(['old', 'new', '2']);
    expect([neighbours(entries, 'old').before, neighbours(entries, 'new').after]).toEqual([null, null]);
  });

  it('say nothing of a clip that hangs elsewhere', () => {
    expect(neighbours(entries, 'stranger')).toEqual({ before: null, here: null, after: null });
  });
});
