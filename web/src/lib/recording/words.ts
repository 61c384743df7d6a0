import type { Recording } from '../api/types';
import { clock } from '../ui/time';

/** The page of a recording inside the app. */
export const pageOf = (recording: { slug: string }): string => `/w/${recording.slug}`;

/** What a recording is at the moment, where it is not simply ready. */
export function standing(recording: Recording): string | null {
  const take = recording.take;
  if (!take) return recording.state === 'draft' ? 'Nothing recorded yet' : null;
  if (take.state === 'receiving') return 'Arriving';
  if (take.state === 'processing') return take.seconds_left ? `Ready in about ${Math.ceil(take.seconds_left)} s` : 'Being made ready';
  if (take.state === 'refused') return take.measured_ms ? `Refused: it runs ${clock(take.measured_ms)}` : 'Refused';
  if (take.state === 'failed') return 'It could not be made ready';
  return recording.state === 'draft' ? 'Waits for you to keep a take' : null;
}
