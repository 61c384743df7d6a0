import { describe, expect, it } from 'vitest';
import { fileOf, languageIn, languageName, lineAt, lineFrom, linesOf, secondsOf, textOf, timeOf, type Line } from './captions';

const line = (start: string, end: string, text: string, more = ''): Line => ({ start, end, more, text });
const FILE = 'WEBVTT\n\n00:01.000 --> 00:04.000\nGood morning\n\n01:08.500 --> 01:11.000 align:start\nThe crane\nis back\n';
const LINES = [line('00:01.000', '00:04.000', 'Good morning'), line('01:08.500', '01:11.000', 'The crane\nis back', 'align:start')];

describe('captions as cues', () => {
  it('are the same file in another shape', () => {
    expect(linesOf(FILE)).toEqual(LINES);
    expect(fileOf(LINES)).toBe(FILE);
    expect(linesOf(`\uFEFF${FILE.replaceAll('\n', '\r\n')}`)).toEqual(LINES);
  });

  it('are read from SubRip and from files without empty lines', () => {
    expect(linesOf('1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nThere')).toEqual([
      line('00:00:01,000', '00:00:02,000', 'Hello'), line('00:00:03,000', '00:00:04,000', 'There'),
    ]);
    expect(linesOf('WEBVTT\nKind: captions\n0:01 --> 0:02\na\n0:02 --> 0:03\nb')).toEqual([line('0:01', '0:02', 'a'), line('0:02', '0:03', 'b')]);
  });

  it('leave out comments and styles, and lose no other word', () => {
    expect(linesOf('WEBVTT\n\nNOTE mine\n\nSTYLE\n::cue {}\n\nhello\nthere\n\n0:01 -->\nx')).toEqual([line('', '', 'hello\nthere'), line('0:01', '', 'x')]);
    expect(linesOf('only words')).toEqual([line('', '', 'only words')]);
    expect(linesOf('')).toEqual([]);
    expect(linesOf('WEBVTT')).toEqual([]);
  });

  it('show signs as they are typed, where they mean the same', () => {
    const text = (words: string) => linesOf(`WEBVTT\n\n0:01 --> 0:02\n${words}`)[0]!.text;
    expect(text('Tom &amp; I: 5 &lt; 6 &gt; 4')).toBe('Tom & I: 5 < 6 > 4');
    expect(text('&lt;b&gt; &amp;lt; a --&gt; b <i>c</i>')).toBe('&lt;b> &amp;lt; a --&gt; b <i>c</i>');
  });

  it('know which of them the server speaks of', () => {
    const odd = [line('0:01', '0:02', 'one\n\ntwo'), line('', '', ''), line('x', '0:04', 'three')];
    const rows = fileOf(odd).split('\n');
    expect(rows).toEqual(['WEBVTT', '', '0:01 --> 0:02', 'one', 'two', '', 'x --> 0:04', 'three', '']);
    expect([3, 4, 5, 7, 8].map((row) => lineAt(odd, row))).toEqual([0, 0, 0, 2, 2]);
    expect(lineAt(odd, 1)).toBeNull();
  });

  it('begin where the video stands, after the one before', () => {
    expect(lineFrom(12.3456, undefined)).toEqual(line('00:12.346', '00:15.346', ''));
    expect(lineFrom(2, line('0:01', '0:05.5', ''))).toEqual(line('00:05.500', '00:08.500', ''));
  });
});

describe('times and languages', () => {
  it('are read as people write them', () => {
    expect(['01:08.500', '1:08,5', '00:01:08.500', '0:07'].map(secondsOf)).toEqual([68.5, 68.5, 68.5, 7]);
    expect(['', '7', 'x', '1:2:3:4'].map(secondsOf)).toEqual([null, null, null, null]);
    expect([0, 68.5, 180].map(timeOf)).toEqual(['00:00.000', '01:08.500', '03:00.000']);
  });

  it('are told by the name of a file where it has one', () => {
    expect(['update.fi.vtt', 'update_pt-BR.srt', 'update.vtt', 'a.b.c.vtt'].map(languageIn)).toEqual(['fi', 'pt-BR', null, null]);
    expect([languageName('fi'), languageName('pt-BR'), languageName('no language'), languageName('')]).toEqual(['Finnish', 'Brazilian Portuguese', null, null]);
  });

  it('come from a file that is text', async () => {
    expect(await textOf(new File(['Grüße'], 'a.vtt'))).toBe('Grüße');
    expect(await textOf(new File([new Uint8Array([0xff, 0xfe, 0x41, 0])], 'a.srt'))).toBe('A');
    await expect(textOf(new File([new Uint8Array([0x47, 0xfc])], 'a.srt'))).rejects.toThrow('not UTF-8');
    await expect(textOf(new File([new Uint8Array(600_000)], 'a.srt'))).rejects.toThrow('512 KiB');
  });
});
