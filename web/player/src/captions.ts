/** Captions, drawn by the player in the design's place rather than by the browser. On wherever there are any. */

import type { View } from './view';

export class Captions {
  constructor(
    private view: View,
    private video: HTMLVideoElement,
    on: AddEventListenerOptions,
  ) {
    video.textTracks.addEventListener('addtrack', () => this.show(true), on);
    this.show(true);
  }

  private track(): TextTrack | undefined {
    return [...this.video.textTracks].find((track) => track.kind === 'captions' || track.kind === 'subtitles');
  }

  toggle(): void {
    this.show(this.track()?.mode !== 'hidden');
  }

  /** "hidden" makes the browser read the cues without drawing them. */
  private show(on: boolean): void {
    const track = this.track();
    const button = this.view.button('captions');
    button.hidden = !track;
    if (!track) return;
    track.mode = on ? 'hidden' : 'disabled';
    button.ariaPressed = String(on);
    const plain = (cue: TextTrackCue) => (cue as VTTCue).text.replace(/<[^>]*>/g, '');
    track.oncuechange = () => this.view.captions([...(track.activeCues ?? [])].map(plain).join('\n'));
    if (!on) this.view.captions('');
  }
}
