/** The parts of the player and how they are drawn. Knows the page's elements, not the video. */

import { CAPTIONS, FULL, PIP, PLAY, VOLUME } from './icons';
import style from './player.css?inline';
import { type Chapter, clock, position, splits } from './time';

export interface Pin {
  at: number;
  name: string;
}

const MARKUP = `<div class="p" part="player" tabindex="0" role="group">
<slot></slot>
<div class="top" hidden><span class="av" aria-hidden="true"></span><p><b></b><span></span></p></div>
<div class="shade"></div>
<p class="cap" hidden></p>
<div class="ring" hidden></div>
<div class="ctl">
<div class="seek" role="slider" tabindex="0" aria-label="Seek" aria-valuemin="0"><div class="track"></div><div class="pins" aria-hidden="true"></div><span class="knob"></span><div class="story" aria-hidden="true" hidden><b></b><span></span></div></div>
<div class="btns">
<button data-do="toggle" aria-label="Play">${PLAY}</button>
<button data-do="mute" class="opt" aria-label="Mute">${VOLUME}</button>
<span class="time"><b></b><span></span></span><span class="opt chap"></span>
<button data-do="rate" class="push" aria-label="Speed, 1×">1×</button>
<button data-do="captions" aria-label="Captions" aria-pressed="false" hidden>${CAPTIONS}</button>
<button data-do="pip" class="opt" aria-label="Picture in picture">${PIP}</button>
<button data-do="full" aria-label="Full screen">${FULL}</button>
</div></div>
<button data-do="toggle" class="pill">${PLAY}<span></span></button>
<div class="over" hidden><p role="status"><b></b><span></span></p><p class="row"><button data-do="again">${PLAY}<span>Again</span></button><a target="_blank" rel="noopener" hidden></a></p></div>
</div>`;

const sheet = (() => {
  const made = new CSSStyleSheet();
  made.replaceSync(style);
  return made;
})();

/** First letters of the first and the last name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words[words.length - 1] : ''].map((word) => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}

export class View {
  readonly root: HTMLElement;
  private readonly shadow: ShadowRoot;

  constructor(host: HTMLElement) {
    this.shadow = host.attachShadow({ mode: 'open' });
    this.shadow.adoptedStyleSheets = [sheet];
    this.shadow.innerHTML = MARKUP;
    this.root = this.part('.p');
  }

  part<E extends HTMLElement = HTMLElement>(selector: string): E {
    return this.shadow.querySelector<E>(selector)!;
  }

  button(act: string): HTMLButtonElement {
    return this.part<HTMLButtonElement>(`.btns [data-do="${act}"]`);
  }

  /** The element inside that has the focus, if the focus is inside and was brought by the keyboard. */
  focused(): Element | null {
    return this.shadow.querySelector(':focus-visible');
  }

  face(byline: string, label: string): void {
    const top = this.part('.top');
    top.hidden = !label;
    top.querySelector('b')!.textContent = label;
    top.querySelector('p > span')!.textContent = byline;
    top.querySelector('.av')!.textContent = initials(byline.split(',')[0] ?? '');
    top.classList.toggle('anon', !byline);
  }

  bar(chapters: Chapter[], pins: Pin[], duration: number): void {
    const bits = splits(chapters, duration).map(([from, to]) => {
      const bit = document.createElement('i');
      bit.style.setProperty('--w', String(Math.max(to - from, 0.1)));
      return bit;
    });
    this.part('.track').replaceChildren(...bits);
    const faces = pins.filter((pin) => pin.at <= duration).map((pin) => {
      const face = document.createElement('span');
      face.textContent = initials(pin.name);
      face.title = `${pin.name}, ${clock(pin.at)}`;
      face.style.setProperty('--x', `${(pin.at / duration) * 100}%`);
      return face;
    });
    this.part('.pins').replaceChildren(...faces);
  }

  time(now: number, duration: number, chapters: Chapter[]): void {
    const bits = this.part('.track').children;
    splits(chapters, duration).forEach(([from, to], n) => {
      const share = Math.min(Math.max((now - from) / (to - from), 0), 1);
      (bits[n] as HTMLElement | undefined)?.style.setProperty('--f', `${share * 100}%`);
    });
    const words = position(now, duration, chapters);
    const seek = this.part('.seek');
    seek.style.setProperty('--x', `${duration ? Math.min(now / duration, 1) * 100 : 0}%`);
    seek.ariaValueMax = String(Math.round(duration));
    seek.ariaValueNow = String(Math.round(now));
    seek.ariaValueText = words;
    this.part('.time b').textContent = clock(now);
    this.part('.time span').textContent = ` / ${clock(duration)}`;
    this.part('.chap').textContent = words.includes(', ') ? words.slice(words.indexOf(', ') + 2) : '';
  }

  /** The label above the bar while a pointer is over it. */
  hint(at: number | undefined, duration: number, chapters: Chapter[]): void {
    const story = this.part('.story');
    story.hidden = at === undefined;
    this.root.toggleAttribute('data-scrub', at !== undefined);
    if (at === undefined) return;
    const words = position(at, duration, chapters);
    story.querySelector('b')!.textContent = clock(at);
    story.querySelector('span')!.textContent = words.includes(', ') ? words.slice(words.indexOf(', ') + 2) : '';
    story.style.setProperty('--x', `${duration ? (at / duration) * 100 : 0}%`);
  }

  /** What lies over the picture: the end, a wait, a failure. `again` is the word on the button, none without it. */
  over(title: string, words: string, again: string, onward?: { href: string; text: string }): void {
    const over = this.part('.over');
    over.hidden = !title && !words;
    // Written only when it changes: a live region must not repeat itself at every poll.
    const say = (selector: string, text: string) => {
      const part = over.querySelector(selector)!;
      if (part.textContent !== text) part.textContent = text;
    };
    say('b', title);
    say('p > span', words);
    const button = over.querySelector('button')!;
    button.hidden = !again;
    button.querySelector('span')!.textContent = again;
    const link = over.querySelector('a')!;
    link.hidden = !onward;
    if (onward) {
      link.href = onward.href;
      link.textContent = onward.text;
    }
  }

  captions(text: string): void {
    const cap = this.part('.cap');
    cap.hidden = !text;
    cap.textContent = text;
  }
}
