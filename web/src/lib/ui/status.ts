/** Every status: the class that draws its shape and the word that stands beside it. */
const STATUSES: Record<string, readonly [string, string]> = {
  on_track: ['st-on', 'On track'],
  caution: ['st-caution', 'Caution'],
  off_track: ['st-off', 'Off track'],
  done: ['st-done', 'Done'],
  submitted: ['st-done', 'Submitted'],
  late: ['st-late', 'Late'],
  missed: ['st-missed', 'Missed'],
  excused: ['st-excused', 'Excused'],
  open: ['st-due', 'Open'],
  ahead: ['st-none', 'Ahead'],
  achieved: ['st-done', 'Achieved'],
  partly: ['st-caution', 'Partly achieved'],
  dropped: ['st-excused', 'Dropped'],
  cancelled: ['st-excused', 'Cancelled'],
  draft: ['st-none', 'Draft'],
};

export function statusOf(status: string | null | undefined): { mark: string; word: string } {
  const [mark, word] = (status && STATUSES[status]) || ['st-none', 'No status yet'];
  return { mark, word };
}
