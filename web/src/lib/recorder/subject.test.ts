import { describe, expect, it } from 'vitest';
import { subjectOf, wireSubject } from './subject';

describe('what a recording is for', () => {
  it('is read from the address', () => {
    expect(subjectOf('goal:g1')).toEqual({ kind: 'goal', id: 'g1' });
    expect(subjectOf('post:announcements')).toEqual({ kind: 'post', channel: 'announcements' });
    expect(subjectOf('comment:posts:p1:c1')).toEqual({ kind: 'comment', under: 'posts', id: 'p1', parent: 'c1', at: null });
    expect(subjectOf('comment:recordings:r1::61000')).toEqual({ kind: 'comment', under: 'recordings', id: 'r1', parent: null, at: 61_000 });
    expect([null, '', 'goal', 'comment:people:x', 'nonsense:1'].map((text) => subjectOf(text).kind)).toEqual(Array(5).fill('free'));
  });

  it('goes to the server with its id where it has one', () => {
    expect(wireSubject(subjectOf('check_in:c'))).toEqual({ kind: 'check_in', id: 'c' });
    expect(wireSubject(subjectOf('post:fun'))).toEqual({ kind: 'post' });
  });
});
