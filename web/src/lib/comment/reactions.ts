import type { Reaction, ReactionKind } from '../api/types';

export const REACTIONS: readonly { kind: ReactionKind; icon: string; word: string }[] = [
  { kind: 'thanks', icon: 'heart', word: 'Thanks' },
  { kind: 'agreed', icon: 'thumb', word: 'Agreed' },
  { kind: 'idea', icon: 'bulb', word: 'Good idea' },
  { kind: 'celebrate', icon: 'spark', word: 'Well done' },
  { kind: 'question', icon: 'search', word: 'Question' },
];

/** The reactions after mine was set or taken back. */
export function toggled(reactions: Reaction[], kind: ReactionKind): Reaction[] {
  const now = reactions.find((reaction) => reaction.kind === kind);
  const next: Reaction = now?.mine ? { kind, count: now.count - 1, mine: false } : { kind, count: (now?.count ?? 0) + 1, mine: true };
  return [...reactions.filter((reaction) => reaction.kind !== kind), next].filter((reaction) => reaction.count > 0)
    .sort((a, b) => REACTIONS.findIndex((r) => r.kind === a.kind) - REACTIONS.findIndex((r) => r.kind === b.kind));
}
