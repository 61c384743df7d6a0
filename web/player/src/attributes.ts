/** What the page says in attributes, read as what it means. */

import type { Take } from './status';

export type State = 'ready' | 'processing' | 'failed';

/** Attributes whose change is seen. */
export const SEEN = ['hls', 'mp4', 'poster', 'duration', 'width', 'height', 'label', 'byline', 'chapters', 'pins', 'state', 'status'];

/** A list in JSON; anything else is an empty one. */
export function list<T>(text: string | null): T[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? (value as T[]) : [];
  } catch {
    return [];
  }
}

export function stateOf(host: Element): State {
  const state = host.getAttribute('state');
  if (state === 'failed' || state === 'refused') return 'failed';
  return state === 'processing' || state === 'receiving' ? 'processing' : 'ready';
}

/** Writes what the server says of a take into the attributes; what it does not say yet stays as it is. */
export function write(host: Element, take: Take): void {
  const values = {
    hls: take.hls_url,
    mp4: take.mp4_url,
    poster: take.poster_url,
    width: take.width,
    height: take.height,
    duration: take.measured_ms ? take.measured_ms / 1000 : null,
    state: take.state === 'receiving' ? 'processing' : take.state,
  };
  for (const [name, value] of Object.entries(values)) if (value) host.setAttribute(name, String(value));
}
