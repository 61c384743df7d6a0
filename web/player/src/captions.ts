/**
 * Captions, drawn by the player in the design's place rather than by the browser. On wherever there are any, until somebody turns
 * them off; kept in this browser. A file of its own, loaded only where there are captions, so it takes nothing but types from the
 * others. Nothing of them is fetched before Play.
 */

import { choose, nextAfter } from './choice';
import type { View } from './view';

const KEY = 'twotake-captions';
/** How long a choice among several is shown. */
const SHOWN = 1400;

/** What was chosen last: a language, or "" for none; null when nobody chose. */
function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(language: string): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A frame without storage keeps it for one video.
  }
}

function nameOf(language: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** What a cue says, without its tags; who speaks, where that is written. */
function plain(cue: TextTrackCue): string {
  const words = (cue as VTTCue).getCueAsHTML();
  for (const voice of words.querySelectorAll('span[title]')) voice.prepend(`${voice.getAttribute('title')}: `);
  return words.textContent ?? '';
}

export class Captions {
  private choice = remembered();
  private begun: boolean;
  /** The browser's own full screen draws captions itself. */
  private native = false;
  private timer = 0;

  constructor(
    private view: View,
    private video: HTMLVideoElement,
    on: AddEventListenerOptions,
  ) {
    this.begun = !video.paused || video.played.length > 0;
    const say = (target: EventTarget, name: string, then: () => void) => target.addEventListener(name, then, on);
    for (const name of ['addtrack', 'removetrack']) say(video.textTracks, name, () => this.show());
    say(video, 'play', () => {
      this.begun = true;
      this.show();
    });
    for (const [name, native] of [['webkitbeginfullscreen', true], ['webkitendfullscreen', false]] as const) {
      say(video, name, () => {
        this.native = native;
        this.show();
      });
    }
    view.part('.cap').dir = 'auto';
    this.show();
  }

  private tracks(): TextTrack[] {
    return [...this.video.textTracks].filter((track) => track.kind === 'captions' || track.kind === 'subtitles');
  }

  /** One language: on and off. Several: each in turn, then off. */
  toggle(): void {
    const languages = this.tracks().map((track) => track.language);
    const now = choose(languages, this.choice, navigator.languages);
    this.choice = nextAfter(languages, now, navigator.languages);
    remember(this.choice);
    this.show();
    if (languages.length < 2) return;
    this.view.captions(this.choice ? nameOf(this.choice) : 'Captions off');
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.show(), SHOWN);
  }

  private show(): void {
    const tracks = this.tracks();
    const languages = tracks.map((track) => track.language);
    const language = choose(languages, this.choice, navigator.languages);
    const button = this.view.button('captions');
    button.hidden = !tracks.length;
    button.ariaPressed = String(Boolean(language));
    button.ariaLabel = language && tracks.length > 1 ? `Captions, ${nameOf(language)}` : 'Captions';
    const shown = language ? tracks[languages.indexOf(language)] : undefined;
    // "hidden" makes the browser read the cues without drawing them.
    for (const track of tracks) {
      const mode = track === shown && this.begun ? (this.native ? 'showing' : 'hidden') : 'disabled';
      if (track.mode !== mode) track.mode = mode;
      track.oncuechange = track === shown ? () => this.draw(track) : null;
    }
    if (shown) this.draw(shown);
    else this.view.captions('');
  }

  private draw(track: TextTrack): void {
    clearTimeout(this.timer);
    this.view.part('.cap').lang = track.language;
    this.view.captions([...(track.activeCues ?? [])].map(plain).join('\n'));
  }
}
