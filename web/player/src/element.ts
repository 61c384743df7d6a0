/**
 * <twotake-player>: one video with the controls of the design. It dresses the <video> it finds inside (so that a page works
 * without this script) and tells what happens by events: tt-time, tt-play, tt-pause, tt-ended, tt-comment, tt-ranges,
 * tt-state. Attributes are its whole input; nothing is fetched before Play but the state of a take that is not ready.
 */

import { list, SEEN, stateOf, write } from './attributes';
import type { Captions } from './captions';
import { MUTED, PAUSE, PLAY, VOLUME } from './icons';
import { listen } from './input';
import { type Act, nextRate } from './keys';
import { full, hasFull, inPicture } from './screen';
import { attach, type Attached } from './source';
import { remember, remembered } from './speed';
import { follow, type Take } from './status';
import { type Chapter, clock, spoken, waits } from './time';
import { type Pin, View } from './view';

const STILL_AFTER = 2000;
const RANGES_EVERY = 10_000;

export class TwotakePlayer extends HTMLElement {
  static observedAttributes = SEEN;

  private view = new View(this);
  private video!: HTMLVideoElement;
  private attached: Attached | undefined;
  private starting: Promise<void> | undefined;
  private begun = false;
  /** Play was pressed, and it has not come to playing yet. */
  private wanted = false;
  private chapters: Chapter[] = [];
  private unfollow: (() => void) | undefined;
  private wait = '';
  private stillTimer = 0;
  private lastRanges = 0;
  private captions: Captions | undefined;
  private cleanup: AbortController | undefined;
  private drawn = false;

  connectedCallback(): void {
    const cover = this.querySelector('[data-cover]');
    if (cover?.matches(':focus')) this.view.root.focus();
    cover?.remove();
    this.video = this.querySelector('video') ?? this.appendChild(document.createElement('video'));
    this.video.controls = false;
    this.video.playsInline = true;
    if (!this.video.currentSrc && !this.video.getAttribute('src')) this.video.preload = 'none';
    this.cleanup = new AbortController();
    this.listen({ signal: this.cleanup.signal });
    this.view.button('pip').hidden = !document.pictureInPictureEnabled;
    this.view.button('full').hidden = !hasFull(this.video);
    // Upgraded while the page's own script had it playing already.
    if (!this.video.paused) this.begun = true;
    this.rate(remembered(), false);
    this.draw();
    if (this.hasAttribute('autoplay') && !this.begun) {
      this.video.muted = true;
      void this.play();
    }
  }

  disconnectedCallback(): void {
    this.tellRanges();
    this.cleanup?.abort();
    this.unfollow?.();
    this.unfollow = undefined;
    this.attached?.detach();
    this.attached = undefined;
    this.starting = undefined;
    this.begun = false;
  }

  attributeChangedCallback(): void {
    if (!this.isConnected || this.drawn) return;
    this.drawn = true;
    queueMicrotask(() => {
      this.drawn = false;
      if (this.isConnected && this.video) this.draw();
    });
  }

  // -- what a page may ask

  get currentTime(): number {
    return this.begun ? this.video.currentTime : this.startAt();
  }
  set currentTime(seconds: number) {
    this.seek(seconds);
  }
  get duration(): number {
    const measured = this.video?.duration;
    return Number(this.getAttribute('duration')) || (Number.isFinite(measured) ? measured : 0);
  }
  get paused(): boolean {
    return this.video?.paused ?? true;
  }
  pause(): void {
    this.video.pause();
  }

  async play(): Promise<void> {
    if (!this.playable()) return;
    this.view.over('', '', '');
    this.wanted = true;
    try {
      if (!this.begun) {
        this.begun = true;
        this.starting ??= this.load(this.startAt());
      }
      // Without waiting when the source is native: Safari wants play() inside the press itself.
      if (!this.getAttribute('mp4')) await this.starting;
      await this.video.play();
    } catch (problem) {
      const name = (problem as Error)?.name;
      if (name === 'NotAllowedError') this.stand();
      else if (name !== 'AbortError') this.fail();
    } finally {
      this.wanted = false;
    }
  }

  /** Where it is, and whether it plays or is about to: for a page that puts another player in its place. */
  get left(): { at: number; plays: boolean } {
    return { at: this.currentTime, plays: this.wanted || (this.begun && !this.paused) };
  }

  /** Goes to a second, before the first play as well. */
  seek(seconds: number): void {
    const to = Math.min(Math.max(seconds, 0), this.duration || seconds);
    if (this.begun) this.video.currentTime = to;
    else {
      this.setAttribute('start', String(to));
      void this.play();
    }
    this.tick();
  }

  // -- state

  private playable(): boolean {
    return stateOf(this) !== 'failed' && Boolean(this.getAttribute('mp4') || this.getAttribute('hls'));
  }

  private startAt(): number {
    const start = Number(this.getAttribute('start')) || 0;
    return start > 0 && (!this.duration || start < this.duration) ? start : 0;
  }

  private load(at: number): Promise<void> {
    const source = { mp4: this.getAttribute('mp4') ?? '', hls: this.getAttribute('hls') ?? '' };
    return attach(this.video, source, at, () => this.fail()).then((attached) => {
      this.attached = attached;
    });
  }

  private stand(): void {
    const root = this.view.root;
    const over = !this.view.part('.over').hidden;
    const state = !this.begun ? (this.playable() ? 'idle' : 'waiting') : over ? 'over' : this.video.paused ? 'paused' : 'playing';
    root.dataset['s'] = state;
    const playing = state === 'playing';
    const toggle = this.view.button('toggle');
    toggle.innerHTML = playing ? PAUSE : PLAY;
    toggle.ariaLabel = playing ? 'Pause' : 'Play';
    this.move();
  }

  private draw(): void {
    const state = stateOf(this);
    const label = this.getAttribute('label') ?? '';
    const duration = this.duration;
    const [width, height] = [Number(this.getAttribute('width')), Number(this.getAttribute('height'))];
    if (width && height) this.view.root.style.setProperty('--ar', `${width}/${Math.min(height, width)}`);
    this.view.root.ariaLabel = label ? `Video player: ${label}` : 'Video player';
    const poster = this.getAttribute('poster');
    if (poster && this.video.getAttribute('poster') !== poster) this.video.poster = poster;
    this.chapters = list<Chapter>(this.getAttribute('chapters'));
    this.view.face(this.getAttribute('byline') ?? '', label);
    this.view.bar(this.chapters, list<Pin>(this.getAttribute('pins')), duration || 1);
    const pill = this.view.part('.pill');
    const growing = state === 'processing' && this.playable() && this.wait;
    pill.querySelector('span')!.textContent = growing || (duration ? clock(duration) : 'Play');
    pill.ariaLabel = growing ? `Play. ${growing}` : duration ? `Play ${clock(duration)}, ${spoken(duration)}` : 'Play';
    if (state === 'processing' && this.getAttribute('status')) this.unfollow ??= follow(this.getAttribute('status')!, (take) => this.heard(take));
    if (state === 'failed') this.view.over('This video cannot be played', this.wait || this.getAttribute('detail') || '', '');
    else if (!this.begun && state === 'processing' && !this.playable()) this.view.over(this.wait || 'Being prepared', '', '');
    else if (!this.begun) this.view.over('', '', '');
    this.tick();
    this.volume();
    this.stand();
  }

  private heard(take: Take): void {
    const before = this.getAttribute('state');
    const over = take.state === 'refused' || take.state === 'failed';
    this.wait = over ? (take.detail ?? '') : take.state === 'ready' ? '' : waits(take);
    write(this, take);
    if (before !== this.getAttribute('state')) this.tell('tt-state', { state: take.state });
    this.draw();
  }

  private fail(): void {
    const at = this.video.currentTime;
    this.attached?.detach();
    this.attached = this.starting = undefined;
    this.setAttribute('start', String(at));
    this.video.removeAttribute('src');
    this.begun = true;
    this.view.over('The video could not be loaded', 'Your connection or this server did not answer. It goes on from the same second.', 'Try again');
    this.stand();
  }

  // -- acts

  private act(act: Act): void {
    const video = this.video;
    switch (act.do) {
      case 'toggle':
        return video.paused || !this.begun ? void this.play() : video.pause();
      case 'by':
        return this.begun ? this.seek(video.currentTime + act.n) : undefined;
      case 'part':
        return this.begun ? this.seek(this.duration * act.n) : undefined;
      case 'frame':
        video.pause();
        return this.begun ? this.seek(video.currentTime + act.n / 30) : undefined;
      case 'rate':
        return this.rate(nextRate(video.playbackRate, act.n), true);
      case 'chapter': {
        const next = this.chapters.find((chapter) => chapter.at > this.currentTime + 0.5);
        return next ? this.seek(next.at) : undefined;
      }
      case 'comment':
        return this.tell('tt-comment', { time: this.currentTime });
      case 'mute':
        video.muted = !video.muted;
        return;
      case 'captions':
        return this.captions?.toggle();
      case 'pip':
        return inPicture(video);
      case 'full':
        return full(this, video);
    }
  }

  private press(name: string): void {
    if (name === 'again') {
      const failed = !this.video.ended;
      this.view.over('', '', '');
      if (failed) this.begun = false;
      else this.video.currentTime = 0;
      void this.play();
    } else if (name === 'rate') {
      const faster = nextRate(this.video.playbackRate, 1);
      this.rate(faster === this.video.playbackRate ? 1 : faster, true);
    } else this.act({ do: name } as Act);
  }

  /** How fast it plays; `keep` for what somebody chose. Pages that play more than one video ask for it too. */
  rate(rate: number, keep: boolean): void {
    this.video.defaultPlaybackRate = this.video.playbackRate = rate;
    const button = this.view.button('rate');
    button.textContent = `${rate}×`;
    button.ariaLabel = `Speed, ${rate}×`;
    if (keep) remember(rate);
  }

  // -- what happens

  private tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private tick(): void {
    this.view.time(this.currentTime, this.duration, this.chapters);
    if (this.begun) this.tell('tt-time', { time: this.currentTime, duration: this.duration });
    if (!this.paused && performance.now() - this.lastRanges > RANGES_EVERY) this.tellRanges();
  }

  private tellRanges(): void {
    const played = this.video?.played;
    if (!this.begun || !played?.length) return;
    this.lastRanges = performance.now();
    const ms = (seconds: number) => Math.round(seconds * 1000);
    const ranges = Array.from({ length: played.length }, (_, n) => [ms(played.start(n)), ms(played.end(n))]);
    this.tell('tt-ranges', { position_ms: ms(this.video.currentTime), ranges });
  }

  private volume(): void {
    const button = this.view.button('mute');
    button.innerHTML = this.video.muted ? MUTED : VOLUME;
    button.ariaLabel = this.video.muted ? 'Unmute' : 'Mute';
    button.toggleAttribute('data-on', this.video.muted);
  }

  private move(): void {
    this.view.root.removeAttribute('data-still');
    clearTimeout(this.stillTimer);
    this.stillTimer = window.setTimeout(() => {
      const focused = this.view.focused();
      // Focus on the frame itself is not focus inside: its keys work whether the controls show or not.
      if (!this.paused && !(focused && focused !== this.view.root)) this.view.root.setAttribute('data-still', '');
    }, STILL_AFTER);
  }

  private ended(): void {
    this.tellRanges();
    const href = this.getAttribute('answer');
    this.view.over(this.getAttribute('label') ?? '', '', 'Again', href ? { href, text: 'Answer in Twotake' } : undefined);
    this.stand();
    this.tell('tt-ended', {});
  }

  private listen(on: { signal: AbortSignal }): void {
    listen(this, this.view, this.video, on, {
      act: (act) => this.act(act),
      press: (name) => this.press(name),
      scrub: (share) => this.act({ do: 'part', n: share }),
      hint: (share) => this.view.hint(share === undefined ? undefined : share * this.duration, this.duration, this.chapters),
      moved: () => this.move(),
    });
    const video = this.video;
    const say = (name: string, then: () => void) => video.addEventListener(name, then, on);
    say('play', () => (this.stand(), this.tell('tt-play', {})));
    say('pause', () => {
      this.stand();
      if (!video.ended) this.tellRanges(), this.tell('tt-pause', {});
    });
    say('ended', () => this.ended());
    say('seeking', () => video.ended || this.view.part('.over').hidden || this.view.over('', '', ''));
    for (const name of ['timeupdate', 'seeking', 'durationchange']) say(name, () => this.tick());
    say('volumechange', () => this.volume());
    say('waiting', () => (this.view.part('.ring').hidden = false));
    for (const name of ['playing', 'pause', 'error', 'canplay']) say(name, () => (this.view.part('.ring').hidden = true));
    say('error', () => this.begun && video.getAttribute('src') && this.fail());
    // Captions bring what they need when there are any.
    this.captions = undefined;
    const captions = () => {
      if (video.textTracks.length) void import('./captions').then((all) => on.signal.aborted || (this.captions ??= new all.Captions(this.view, video, on)));
    };
    video.textTracks.addEventListener('addtrack', captions, on);
    captions();
  }
}
