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
