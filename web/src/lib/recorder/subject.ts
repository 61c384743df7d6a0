import type { CommentSubject, SubjectKind } from '../api/types';

// What a recording is for, as it stands in the address: /record?for=goal:ID, check_in:ID, post:CHANNEL, review:CHECK-IN,
// comment:posts:ID[:PARENT[:MILLISECOND]].

export type Subject =
  | { kind: 'free' }
  | { kind: 'goal' | 'check_in' | 'review'; id: string }
  | { kind: 'post'; channel: string }
  | { kind: 'comment'; under: CommentSubject; id: string; parent: string | null; at: number | null };

const UNDER = ['posts', 'check-ins', 'recordings', 'goals'];

export function subjectOf(text: string | null): Subject {
  const [kind, a, b, c, d] = (text ?? '').split(':');
  if ((kind === 'goal' || kind === 'check_in' || kind === 'review') && a) return { kind, id: a };
  if (kind === 'post' && a) return { kind, channel: a };
  if (kind === 'comment' && a && b && UNDER.includes(a)) return { kind, under: a as CommentSubject, id: b, parent: c || null, at: /^\d+$/.test(d ?? '') ? Number(d) : null };
  return { kind: 'free' };
}

/** The same for the server. */
export function wireSubject(subject: Subject): { kind: SubjectKind; id?: string } {
  return 'id' in subject ? { kind: subject.kind, id: subject.id } : { kind: subject.kind };
}

/** What the button says that ends the whole thing. */
export function ending(subject: Subject): string {
  return { free: 'Keep this take', goal: 'Keep and attach to goal', check_in: 'Keep and attach to check-in', review: 'Keep and answer with it', post: 'Keep and write the post', comment: 'Keep and send the answer' }[subject.kind];
}
