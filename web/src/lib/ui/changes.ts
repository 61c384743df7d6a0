/** Something that has changed on the server: what, and which one. `all`: too much to say. */
export interface Hint { kind: string; id: string }
export type Match = (hint: Hint) => boolean;

const ears = new Map<object, { match: Match; act: () => void }>();

/** Calls `act` when something that matches has changed, until the answer is called. What is shown is asked for again, by the ways
 * that check what its reader may see; what is typed stays. */
export function when(match: Match, act: () => void): () => void {
  const key = {};
  ears.set(key, { match, act });
  return () => void ears.delete(key);
}

/** Tells of what has changed; each ear once. */
export function changed(hints: Hint[]): void {
  for (const ear of [...ears.values()]) if (hints.some((hint) => hint.kind === 'all' || ear.match(hint))) ear.act();
}

/** Of these kinds, whichever one. */
export const any = (...kinds: string[]): Match => (hint) => kinds.includes(hint.kind);
/** This one thing, or of it only these kinds of news. */
export const of = (id: string, ...kinds: string[]): Match => (hint) => hint.id === id && (kinds.length === 0 || kinds.includes(hint.kind));
