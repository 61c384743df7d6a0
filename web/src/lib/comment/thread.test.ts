import { describe, expect, it } from 'vitest';
import type { Comment, Reaction } from '../api/types';
import { toggled } from './reactions';
import { answered, holds, missing, namedIn, placed, refreshed, sorted, total } from './thread';

const comment = (id: string, more: Partial<Comment> = {}): Comment => ({
  id, author: { id: 'p', name: 'Leena', handle: 'leena', title: '' }, body: id, body_html: id, at_ms: null, recording: null, parent: null,
  replies: [], reply_count: 0, reactions: [], created_at: '2026-11-10T09:00:00Z', edited_at: null, deleted: false, resolved: false, resolved_at: null, resolved_by: null, revision: 1, ...more,
});

describe('a thread', () => {
  it('hangs a reply under its comment and replaces it when it changes', () => {
    const once = placed([comment('a'), comment('b')], comment('r', { parent: 'a' }));
    expect(once[0]?.replies.map((reply) => reply.id)).toEqual(['r']);
    const twice = placed(once, comment('r', { parent: 'a', body: 'edited' }));
    expect(twice[0]?.replies).toHaveLength(1);
    expect(twice[0]?.replies[0]).toMatchObject({ body: 'edited', parent: 'a' });
  });

  it('keeps the replies when a comment changes', () => {
    const thread = placed([comment('a', { replies: [comment('r')] })], comment('a', { body: 'new' }));
    expect(thread[0]).toMatchObject({ body: 'new', replies: [{ id: 'r' }] });
  });

  it('sorts by second with the general ones last, or by time', () => {
    const list = [comment('all'), comment('late', { at_ms: 90_000 }), comment('early', { at_ms: 3000, created_at: '2026-11-11T09:00:00Z' })];
    expect(sorted(list, 'second').map((one) => one.id)).toEqual(['early', 'late', 'all']);
    expect(sorted(list, 'newest')[0]?.id).toBe('early');
  });

  it('knows how many answers are still on the server, and takes them in', () => {
    const long = comment('a', { reply_count: 3, replies: [comment('r1'), comment('gone', { deleted: true })] });
    expect(missing(long)).toBe(2);
    const whole = answered([long, comment('b')], 'a', [comment('r1'), comment('r2'), comment('r3')]);
    expect(whole[0]?.replies).toHaveLength(3);
    expect(whole.map(missing)).toEqual([0, 0]);
  });

  it('counts what can be read', () => {
    expect(total([comment('a', { replies: [comment('r')] }), comment('gone', { deleted: true })])).toBe(2);
  });
});

describe('reactions', () => {
  const thanks: Reaction = { kind: 'thanks', count: 1, mine: true };
  it('come, count up, and leave when nobody holds them', () => {
    expect(toggled([thanks], 'thanks')).toEqual([]);
    expect(toggled([], 'idea')).toEqual([{ kind: 'idea', count: 1, mine: true }]);
    expect(toggled([{ kind: 'idea', count: 2, mine: false }, thanks], 'idea')).toEqual([thanks, { kind: 'idea', count: 3, mine: true }]);
  });
});

describe('a thread of which the newest comments were read anew', () => {
  const ids = (list: Comment[]) => list.map((one) => one.id).join('');

  it('has what is new, loses nothing that was read before it, and shows what changed', () => {
    const { comments, joined } = refreshed([comment('a'), comment('b'), comment('c')], [comment('c', { body: 'edited' }), comment('d')], false);
    expect([ids(comments), joined, comments[2]?.body]).toEqual(['abcd', true, 'edited']);
  });

  it('keeps answers that had been read beyond the first', () => {
    const had = [comment('a', { replies: [comment('r1'), comment('r2'), comment('r3')] })];
    const { comments } = refreshed(had, [comment('a', { replies: [comment('r1', { body: 'edited' }), comment('r2')] })], true);
    expect(comments[0]?.replies.map((one) => one.body)).toEqual(['edited', 'r2', 'r3']);
  });

  it('begins anew when so much came that the two do not belong together', () => {
    const { comments, joined } = refreshed([comment('a'), comment('b')], [comment('y'), comment('z')], false);
    expect([ids(comments), joined]).toEqual(['yz', false]);
    expect(refreshed([comment('a')], [], true)).toEqual({ comments: [], joined: false });
  });
});

describe('the comment that an address names', () => {
  it('is read from the part after the hash, and nothing else is', () => {
    expect(namedIn('#c-01930000-0000-7000-8000-000000000001')).toBe('01930000-0000-7000-8000-000000000001');
    expect(['', '#', '#new', '#c-', '#c-1" onload="', '#c-01930000-0000-7000-8000-000000000001x'].map(namedIn)).toEqual([null, null, null, null, null, null]);
  });

  it('is one of the list or an answer in it', () => {
    const top = comment('a', { replies: [comment('r')] });
    expect([holds(top, 'a'), holds(top, 'r'), holds(top, 'b'), holds(top, null)]).toEqual([true, true, false, false]);
  });
});
