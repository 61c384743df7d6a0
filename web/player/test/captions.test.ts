import { afterEach, describe, expect, test, vi } from 'vitest';

import { Captions } from '../src/captions';
import { choose, nextAfter } from '../src/choice';
import type { View } from '../src/view';

describe('which captions are shown', () => {
  test('those in the reader\'s language, else the first there are', () => {
    expect(choose(['de', 'en'], null, ['en-GB', 'fi'])).toBe('en');
    expect(choose(['de', 'pt-PT', 'pt-BR'], null, ['pt-br'])).toBe('pt-BR');
    expect(choose(['de', 'fi'], null, ['ja'])).toBe('de');
    expect(choose([], null, ['en'])).toBe('');
  });

  test('a choice goes before that, wherever it can be kept', () => {
    expect(choose(['de', 'en'], 'de', ['en'])).toBe('de');
    expect(choose(['en'], 'de', ['en'])).toBe('en');
    expect(choose(['de', 'en'], '', ['en'])).toBe('');
  });

  test('one language is turned on and off, several come in turn', () => {
    expect(nextAfter(['en'], 'en', [])).toBe('');
    expect(nextAfter(['en'], '', [])).toBe('en');
    const turn = ['', 'fi', 'de', 'en'].map((now) => nextAfter(['de', 'en', 'fi'], now, ['fi']));
    expect(turn).toEqual(['fi', 'de', 'en', '']);
  });
});

/** As much of a page as captions touch. */
function stage(languages: string[], playing = false) {
  const cap = { dir: '', lang: '' };
  const button = { hidden: true, ariaPressed: '', ariaLabel: '' };
  const drawn: string[] = [];
  const view = { part: () => cap, button: () => button, captions: (text: string) => drawn.push(text) } as unknown as View;
  const tracks = Object.assign(new EventTarget(), {
    list: languages.map((language) => ({ kind: 'captions', language, mode: 'disabled', activeCues: [] as unknown[], oncuechange: null as (() => void) | null })),
    *[Symbol.iterator]() {
      yield* this.list;
    },
  });
  const video = Object.assign(new EventTarget(), { paused: !playing, played: { length: 0 }, textTracks: tracks });
  const captions = new Captions(view, video as unknown as HTMLVideoElement, {});
  return { captions, button, cap, drawn, tracks, video, modes: () => tracks.list.map((track) => track.mode) };
}

const kept = new Map<string, string>();
vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) });
vi.stubGlobal('window', globalThis);
vi.stubGlobal('navigator', { languages: ['en-US', 'de'] });
afterEach(() => kept.clear());

const cue = (text: string) => ({ getCueAsHTML: () => ({ querySelectorAll: () => [], textContent: text }) });

describe('captions of a player', () => {
  test('nothing is read before Play, and then only the language that is shown', () => {
    const it = stage(['de', 'en']);
    expect(it.modes()).toEqual(['disabled', 'disabled']);
    expect(it.button).toMatchObject({ hidden: false, ariaPressed: 'true', ariaLabel: 'Captions, English' });
    it.video.dispatchEvent(new Event('play'));
    expect(it.modes()).toEqual(['disabled', 'hidden']);
    expect(stage(['de', 'en'], true).modes()).toEqual(['disabled', 'hidden']);
  });

  test('cues are drawn without their tags, and go when captions are turned off', () => {
    const it = stage(['en'], true);
    it.tracks.list[0]!.activeCues = [cue('The crane'), cue('is back')];
    it.tracks.list[0]!.oncuechange!();
    expect(it.drawn.at(-1)).toBe('The crane\nis back');
    expect(it.cap).toEqual({ dir: 'auto', lang: 'en' });
    it.captions.toggle();
    expect([it.drawn.at(-1), it.button.ariaPressed, it.modes()]).toEqual(['', 'false', ['disabled']]);
  });

  test('what was chosen holds for the next video', () => {
    stage(['en'], true).captions.toggle();
    expect(stage(['en'], true).modes()).toEqual(['disabled']);
    stage(['en'], true).captions.toggle();
    expect(stage(['en'], true).modes()).toEqual(['hidden']);
    stage(['de', 'en'], true).captions.toggle();
    expect(stage(['de', 'en'], true).modes()).toEqual(['hidden', 'disabled']);
  });

  test('the browser draws them where it fills the screen itself', () => {
    const it = stage(['en'], true);
    it.video.dispatchEvent(new Event('webkitbeginfullscreen'));
    expect(it.modes()).toEqual(['showing']);
    it.video.dispatchEvent(new Event('webkitendfullscreen'));
    expect(it.modes()).toEqual(['hidden']);
  });

  test('the button comes and goes with the tracks', () => {
    const it = stage([], true);
    expect(it.button.hidden).toBe(true);
    it.tracks.list.push({ kind: 'captions', language: 'en', mode: 'disabled', activeCues: [], oncuechange: null });
    it.tracks.dispatchEvent(new Event('addtrack'));
    expect([it.button.hidden, it.modes()]).toEqual([false, ['hidden']]);
    it.tracks.list.pop();
    it.tracks.dispatchEvent(new Event('removetrack'));
    expect([it.button.hidden, it.drawn.at(-1)]).toEqual([true, '']);
  });
});
