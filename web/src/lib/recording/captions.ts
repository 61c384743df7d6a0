/** A cue while it is edited: everything as it was typed. */
export interface Line { start: string; end: string; more: string; text: string }

const hasTimes = (line: string) => line.includes('-->');
const isAside = (line: string) => /^(NOTE([ \t]|$)|(STYLE|REGION)[ \t]*$)/.test(line);

/** A file of captions as cues, however it is written. What has no times becomes a cue without times, so that no word is lost; the
 * server says what is wrong with it. */
export function linesOf(file: string): Line[] {
  const blocks = file.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split(/\n(?:[ \t]*\n)+/);
  const found: Line[] = [];
  blocks.forEach((block, at) => {
    let rows = block.split('\n').filter((row) => row.trim());
    if (at === 0 && /^WEBVTT([ \t]|$)/.test(rows[0] ?? '')) rows = rows.slice(rows.findIndex(hasTimes) < 0 ? rows.length : rows.findIndex(hasTimes));
    if (rows.length === 0 || (isAside(rows[0]!) && !rows.some(hasTimes))) return;
    if (hasTimes(rows[1] ?? '') && !hasTimes(rows[0]!)) rows = rows.slice(1); // its number or name
    if (!hasTimes(rows[0]!)) return void found.push({ start: '', end: '', more: '', text: rows.join('\n') });
    for (const row of rows) {
      if (hasTimes(row)) found.push({ ...timesOf(row), text: '' });
      else found.at(-1)!.text += `${found.at(-1)!.text ? '\n' : ''}${row}`;
    }
  });
  return found.map((line) => ({ ...line, text: plainly(line.text) }));
}

/** Signs that a file has to write otherwise, as they are typed; only where they mean the same. */
function plainly(text: string): string {
  return text.replace(/&lt;(?![\w/])/g, '<').replace(/(?<!--)&gt;/g, '>').replace(/&amp;(?!(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\w+);)/g, '&');
}

function timesOf(row: string): Omit<Line, 'text'> {
  const [start, ...rest] = row.split('-->');
  const [end, ...more] = rest.join('-->').trim().split(/\s+/);
  return { start: start!.trim(), end: end ?? '', more: more.join(' ') };
}

const isEmpty = (line: Line) => !line.start.trim() && !line.end.trim() && !line.text.trim();
const rowsOf = (line: Line) => line.text.split('\n').filter((row) => row.trim());

/** Cues as a file of WebVTT. A cue without anything in it is none. */
export function fileOf(lines: readonly Line[]): string {
  const cues = lines.filter((line) => !isEmpty(line)).map((line) => [`${line.start.trim()} --> ${line.end.trim()} ${line.more}`.trimEnd(), ...rowsOf(line)].join('\n'));
  return `${['WEBVTT', ...cues].join('\n\n')}\n`;
}

/** Which cue the row of that file (from 1) belongs to. */
export function lineAt(lines: readonly Line[], row: number): number | null {
  let last = 1;
  let found: number | null = null;
  lines.forEach((line, at) => {
    if (isEmpty(line)) return;
    if (row > last) found = at;
    last += 2 + rowsOf(line).length;
  });
  return found;
}

/** "01:08.500", "1:08,5" or "00:01:08.500" → 68.5. */
export function secondsOf(time: string): number | null {
  const found = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?$/.exec(time.trim());
  if (!found) return null;
  const [hours, minutes, seconds] = [found[1], found[2], found[3]].map((part) => Number(part ?? 0)) as [number, number, number];
  return hours * 3600 + minutes * 60 + seconds + Number(`0.${found[4] ?? 0}`);
}

/** 68.5 → "01:08.500". */
export function timeOf(seconds: number): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(ms / 60_000))}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** A cue to be written, from a moment on; it begins no earlier than the one before it ends, and lasts three seconds. */
export function lineFrom(seconds: number, before: Line | undefined): Line {
  const start = Math.max(seconds, secondsOf(before?.end ?? '') ?? 0);
  return { start: timeOf(start), end: timeOf(start + 3), more: '', text: '' };
}

/** The language in the name of a file, "update.fi.vtt" → "fi". */
export function languageIn(name: string): string | null {
  return /[._-]([a-z]{2,3}(?:-[a-z0-9]{2,8})*)\.(?:vtt|srt)$/i.exec(name)?.[1] ?? null;
}

/** "pt-BR" → "Brazilian Portuguese"; nothing for what is no language. */
export function languageName(tag: string): string | null {
  try {
    const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(tag.trim());
    return name ?? null;
  } catch {
    return null;
  }
}

/** Most that a file of captions may have, in bytes. */
export const LARGEST = 512 * 1024;

/** A file as text, or a sentence why it is none. */
export async function textOf(file: File): Promise<string> {
  if (file.size > LARGEST) throw new Error('A file of captions has at most 512 KiB.');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) ? 'utf-16le' : (bytes[0] === 0xfe && bytes[1] === 0xff) ? 'utf-16be' : null;
  try {
    return new TextDecoder(wide ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('This file is not UTF-8 text. Save it as UTF-8, then choose it again.');
  }
}
