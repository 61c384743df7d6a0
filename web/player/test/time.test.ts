import { describe, expect, test } from 'vitest';

import { chapterAt, clock, position, readyIn, splits, spoken, waits } from '../src/time';

const chapters = [
  { at: 0, title: 'Where we were' },
  { at: 32, title: 'The second bath' },
];

describe('a take that is not ready', () => {
  test('says what happens to it', () => {
    expect(waits({ state: 'receiving', source: 'browser' })).toBe('Still recording');
    expect(waits({ state: 'receiving' })).toBe('Still arriving');
    expect(waits({ state: 'processing', hls_url: '/live/master.m3u8', seconds_left: 3 })).toBe('Finishing');
    expect(waits({ state: 'processing', seconds_left: 17.2 })).toBe('Ready in about 20 s');
  });
});

describe('time in words', () => {
  test('a clock has minutes and two digits of seconds', () => {
    expect([0, 5.9, 68, 161.2, 180, Number.NaN].map(clock)).toEqual(['0:00', '0:05', '1:08', '2:41', '3:00', '0:00']);
  });
  test('lengths are spoken in full', () => {
    expect([161, 60, 1, 0].map(spoken)).toEqual(['2 minutes 41 seconds', '1 minute', '1 second', '0 seconds']);
  });
  test('the slider says where and in which chapter', () => {
    expect(position(68, 161, chapters)).toBe('1:08 of 2:41, The second bath');
    expect(position(68, 161, [])).toBe('1:08 of 2:41');
  });
  test('a wait is rounded up, and said as a share when nobody knows it', () => {
    expect(readyIn(18, 0.3)).toBe('Ready in about 20 s');
    expect(readyIn(3, 0.9)).toBe('Ready in a few seconds');
    expect(readyIn(130, 0.1)).toBe('Ready in about 3 min');
    expect(readyIn(null, 0.42)).toBe('42% prepared');
    expect(readyIn(null, 0)).toBe('Being prepared');
  });
});

describe('chapters', () => {
  test('the chapter of a second is the last that has begun', () => {
    expect(chapterAt(chapters, 31.9)?.title).toBe('Where we were');
    expect(chapterAt(chapters, 32)?.title).toBe('The second bath');
    expect(chapterAt([{ at: 5, title: 'late' }], 2)).toBeUndefined();
  });
  test('they split the bar, and starts outside it are left out', () => {
    expect(splits(chapters, 161)).toEqual([
      [0, 32],
      [32, 161],
    ]);
    expect(splits([{ at: 400, title: 'x' }], 161)).toEqual([[0, 161]]);
  });
});
