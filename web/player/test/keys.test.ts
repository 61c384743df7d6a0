import { expect, test } from 'vitest';

import { actOf, nextRate } from '../src/keys';

const press = (key: string, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...more });

test('every key of the design does its act', () => {
  const acts = [...' kjl,.<>cmfint07'].map((key) => actOf(press(key), false));
  expect(acts).toEqual([
    { do: 'toggle' },
    { do: 'toggle' },
    { do: 'by', n: -10 },
    { do: 'by', n: 10 },
    { do: 'frame', n: -1 },
    { do: 'frame', n: 1 },
    { do: 'rate', n: -1 },
    { do: 'rate', n: 1 },
    { do: 'captions' },
    { do: 'mute' },
    { do: 'full' },
    { do: 'pip' },
    { do: 'chapter' },
    { do: 'comment' },
    { do: 'part', n: 0 },
    { do: 'part', n: 0.7 },
  ]);
  expect(actOf(press('ArrowLeft'), false)).toEqual({ do: 'by', n: -5 });
});

test('keys with a modifier belong to the browser', () => {
  expect(actOf(press('f', { ctrlKey: true }), false)).toBeUndefined();
  expect(actOf(press('ArrowLeft', { altKey: true }), true)).toBeUndefined();
});

test('the slider alone takes up, down, home and end', () => {
  expect(actOf(press('Home'), false)).toBeUndefined();
  expect(actOf(press('Home'), true)).toEqual({ do: 'part', n: 0 });
  expect(actOf(press('ArrowUp'), true)).toEqual({ do: 'by', n: 5 });
});

test('speed goes by steps and stays at its ends', () => {
  expect(nextRate(1, 1)).toBe(1.2);
  expect(nextRate(1, -1)).toBe(0.8);
  expect(nextRate(2.5, 1)).toBe(2.5);
  expect(nextRate(0.8, -1)).toBe(0.8);
});
