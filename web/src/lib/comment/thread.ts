import type { Comment } from '../api/types';

/** Comments with one changed, added or taken out, wherever it hangs. */
export function placed(comments: Comment[], comment: Comment): Comment[] {
  if (comment.parent) {
    return comments.map((one) => (one.id === comment.parent ? { ...one, replies: placed(one.replies, { ...comment, parent: null }).map((reply) => ({ ...reply, parent: one.id })) } : one));
  }
  return comments.some((one) => one.id === comment.id)
    ? comments.map((one) => (one.id === comment.id ? { ...comment, replies: one.replies } : one))
    : [...comments, { ...comment, replies: comment.replies ?? [] }];
}

/** Comments with all the answers to one of them. */
export function answered(comments: Comment[], id: string, replies: Comment[]): Comment[] {
  return comments.map((one) => (one.id === id ? { ...one, replies } : one));
}

/** Comments of which the newest were read anew: those, in front of them the earlier ones that had been read, and of answers all that
 * had been read. `joined` tells whether the two belong together; else only the newest are there. */
export function refreshed(before: Comment[], fresh: Comment[], whole: boolean): { comments: Comment[]; joined: boolean } {
  const known = new Map(before.map((one) => [one.id, one]));
  const comments = fresh.map((one) => {
    const had = known.get(one.id)?.replies ?? [];
    if (had.length <= one.replies.length) return one;
    const now = new Map(one.replies.map((reply) => [reply.id, reply]));
    const last = one.replies.at(-1)?.id ?? '';
    return { ...one, replies: [...one.replies, ...had.filter((reply) => !now.has(reply.id) && reply.id > last)] };
  });
  const first = fresh[0]?.id;
  const earlier = whole || !first ? [] : before.filter((one) => one.id < first);
  const joined = earlier.length > 0 && fresh.some((one) => known.has(one.id));
  return { comments: joined ? [...earlier, ...comments] : comments, joined };
}

/** Answers that are on the server and not here yet. */
export function missing(comment: Comment): number {
  return Math.max(0, comment.reply_count - comment.replies.filter((one) => !one.deleted).length);
}

/** By the second of the video they speak of, those about the whole last; or newest first. */
export function sorted(comments: Comment[], order: 'second' | 'newest'): Comment[] {
  const made = (comment: Comment) => new Date(comment.created_at).getTime();
  return comments.toSorted((a, b) => (order === 'newest' ? made(b) - made(a) : (a.at_ms ?? Infinity) - (b.at_ms ?? Infinity) || made(a) - made(b)));
}

/** How many there are, replies counted and deleted ones not. */
export function total(comments: Comment[]): number {
  return comments.reduce((sum, one) => sum + (one.deleted ? 0 : 1) + total(one.replies ?? []), 0);
}

/** The comment that an address names: "/posts/…#c-ID". */
export const namedIn = (hash: string): string | null => /^#c-([0-9a-f-]{36})$/.exec(hash)?.[1] ?? null;

/** Whether a comment is that one or has it among its answers that are here. */
export const holds = (comment: Comment, id: string | null): boolean => id !== null && (comment.id === id || comment.replies.some((one) => one.id === id));
