import { clock } from '../ui/time';

/** A refusal as a person reads it: the measured fact, then the rule, the way on and what it did not cost. */
export interface Refusal { code: string; fact: string; rest: string }

interface Known { code: string | null; detail?: string | null; measured_ms?: number | null; limit_ms?: number | null }

export function refusal({ code, detail, measured_ms, limit_ms }: Known): Refusal {
  const stop = clock(limit_ms ?? 180_000);
  const cost = 'It has not cost you a take.';
  switch (code) {
    case 'too_long':
      return measured_ms
        ? { code, fact: `This video runs ${clock(measured_ms)}.`, rest: `Updates stop at ${stop}: trim it or record again; it has not cost you a take.` }
        : { code, fact: `This video is longer than ${stop}.`, rest: `Updates stop at ${stop}: trim it or record again; it has not cost you a take.` };
    case 'not_video':
      return { code, fact: 'There is no video in this file.', rest: `Choose a recording with a picture. ${cost}` };
    case 'unsupported_codec':
      return { code, fact: 'This kind of video cannot be read here.', rest: `Save it as MP4 with H.264, or record it here. ${cost}` };
    case 'picture_too_large':
      return { code, fact: 'The picture of this video is too large.', rest: `Save it at 4K or less. ${cost}` };
    case 'damaged':
      return { code, fact: 'This file is damaged.', rest: `Export it once more from where it came. ${cost}` };
    case 'too_large':
      return { code, fact: 'This file is too large.', rest: `${detail ?? 'Save it at a lower quality.'} ${cost}` };
    case 'quota_exceeded':
      return { code, fact: 'Your storage is full.', rest: `Delete a recording that nobody needs, then try again. ${cost}` };
    case 'takes_used_up':
      return { code, fact: 'Both takes are used.', rest: 'Keep one of them: a third would make the first two worth less.' };
    case 'media_failed':
    case 'media_timeout':
    case 'internal':
      return { code, fact: 'The server could not make this video ready.', rest: `That is our fault, not the file’s. ${cost}` };
    default:
      return { code: code ?? 'unknown', fact: 'This upload was refused.', rest: detail ?? 'Try again, or record here.' };
  }
}
