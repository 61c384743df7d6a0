/** Seconds as people read and hear them, and where a second falls among chapters. Nothing here touches the page. */

export interface Chapter {
  at: number;
  title: string;
}

/** 68 → "1:08". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** 161 → "2 minutes 41 seconds". */
export function spoken(seconds: number): string {
  const whole = Math.max(0, Math.round(Number.isFinite(seconds) ? seconds : 0));
  const part = (n: number, word: string) => (n ? `${n} ${word}${n === 1 ? '' : 's'}` : '');
  return [part(Math.floor(whole / 60), 'minute'), part(whole % 60, 'second')].filter(Boolean).join(' ') || '0 seconds';
}

/** The chapter a second lies in. */
export function chapterAt(chapters: Chapter[], seconds: number): Chapter | undefined {
  return chapters.findLast((chapter) => chapter.at <= seconds + 0.001);
}

/** Where the bar is split: one [from, to] for each chapter, or one for the whole. */
export function splits(chapters: Chapter[], duration: number): [number, number][] {
  const starts = [0, ...chapters.map((chapter) => chapter.at).filter((at) => at > 0 && at < duration)];
  return starts.map((from, n) => [from, starts[n + 1] ?? duration]);
}

/** What the slider says: "1:08 of 2:41, The second bath". */
export function position(seconds: number, duration: number, chapters: Chapter[]): string {
  const chapter = chapterAt(chapters, seconds);
  return `${clock(seconds)} of ${clock(duration)}${chapter ? `, ${chapter.title}` : ''}`;
}

/** What is said of a take that is not ready: what is happening to it, and how long it will take where that is known. */
export function waits(take: { state: string; source?: string; seconds_left?: number | null; progress?: number; hls_url?: string | null }): string {
  if (take.state === 'receiving') return take.source === 'browser' ? 'Still recording' : 'Still arriving';
  return take.hls_url ? 'Finishing' : readyIn(take.seconds_left, take.progress ?? 0);
}

/** How long a wait is said to be. The number is an estimate, so it is rounded up and never counted down by the second. */
export function readyIn(secondsLeft: number | null | undefined, progress: number): string {
  if (typeof secondsLeft === 'number' && secondsLeft > 0) {
    if (secondsLeft <= 5) return 'Ready in a few seconds';
    if (secondsLeft < 90) return `Ready in about ${Math.ceil(secondsLeft / 5) * 5} s`;
    return `Ready in about ${Math.ceil(secondsLeft / 60)} min`;
  }
  return progress > 0 ? `${Math.round(progress * 100)}% prepared` : 'Being prepared';
}
