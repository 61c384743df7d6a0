import type { TimelineEntry } from '../api/types';

/** The clip before and after one in a goal's timeline (newest first); entries without a video are passed over. */
export function neighbours(entries: TimelineEntry[], recording: string): { before: TimelineEntry | null; here: TimelineEntry | null; after: TimelineEntry | null } {
  const clips = entries.filter((entry, i) => entry.recording && entries.findIndex((one) => one.recording?.id === entry.recording?.id) === i);
  const at = clips.findIndex((entry) => entry.recording?.id === recording);
  if (at < 0) return { before: null, here: null, after: null };
  return { before: clips[at + 1] ?? null, here: clips[at] ?? null, after: clips[at - 1] ?? null };
}
