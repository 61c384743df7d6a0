import type { Hit, HitKind } from '../api/types';

/** Each kind in the plural, as a heading and as a filter. */
export const KINDS: Readonly<Record<HitKind, string>> = {
  person: 'People', goal: 'Goals', check_in: 'Check-ins', post: 'Posts', comment: 'Comments', recording: 'Recordings', caption: 'Said in videos',
};

export interface Group { kind: HitKind; name: string; hits: Hit[] }

/** Hits by kind: the kind with the best hit first, and in each the best first. */
export function groups(hits: readonly Hit[]): Group[] {
  const found = new Map<HitKind, Group>();
  for (const hit of hits) {
    const group = found.get(hit.kind) ?? { kind: hit.kind, name: KINDS[hit.kind], hits: [] };
    group.hits.push(hit);
    found.set(hit.kind, group);
  }
  return [...found.values()];
}

/** Where a key leads in a list of so many: round at the ends; null for keys that lead nowhere. */
export function step(at: number, count: number, key: string): number | null {
  if (count === 0) return null;
  if (key === 'ArrowDown') return (at + 1) % count;
  if (key === 'ArrowUp') return (at - 1 + count) % count;
  return null;
}

/** The page with everything that was found for these words. */
export function pageFor(words: string, kind: HitKind | null = null): string {
  const query = new URLSearchParams({ ...(words ? { q: words } : {}), ...(kind ? { kind } : {}) }).toString();
  return query ? `/search?${query}` : '/search';
}
