import type { TrailEntry } from '../api/types';

/** "goal.clip_added" → "Goal: clip added". */
export function happening(action: string): string {
  const [noun = '', verb = ''] = action.split('.');
  const said = `${noun}: ${verb}`.replaceAll('_', ' ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

const PAGES: Record<string, string> = { goal: '/goals/', check_in: '/check-ins/', post: '/posts/', channel: '/channels/', recording: '/w/' };

/** The page of what was changed, if it has one. */
export function pageOf(entry: Pick<TrailEntry, 'subject' | 'subject_kind'>): string | null {
  const page = PAGES[entry.subject_kind];
  return page && entry.subject ? page + entry.subject : null;
}

/** What the entry tells beside the action: pairs of before and after where they differ, and plain values; ids only by name. */
export function told(detail: unknown, nameOf: (id: string) => string | null): string[] {
  if (typeof detail !== 'object' || detail === null) return [];
  return Object.entries(detail).flatMap(([key, value]) => {
    const name = key.replaceAll('_', ' ');
    if (Array.isArray(value) && value.length === 2) {
      const [before, after] = value.map((one) => worded(one, nameOf));
      return before === after ? [] : [`${name}: ${before ?? 'none'} → ${after ?? 'none'}`];
    }
    const word = worded(value, nameOf);
    return word === null ? [] : [`${name}: ${word}`];
  });
}

function worded(value: unknown, nameOf: (id: string) => string | null): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value) ? nameOf(value) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map((one) => worded(one, nameOf)).filter(Boolean).join(', ') : null;
}
