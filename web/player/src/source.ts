/**
 * Where the picture comes from. The browser's own playback comes first: the MP4, or HLS where Safari plays it. Only a
 * browser that cannot, and a take that is still being processed, cost the download of hls.js, and that on Play.
 */

export interface Source {
  mp4: string;
  hls: string;
}

export interface Attached {
  detach(): void;
}

/** Safari plays HLS well, live playlists included; other browsers that say "maybe" are served by hls.js. */
function playsHls(video: HTMLVideoElement): boolean {
  return /^Apple/.test(navigator.vendor) && video.canPlayType('application/vnd.apple.mpegurl') !== '';
}

/** Gives `video` its source. `failed` is called when playback ended for good. */
export async function attach(video: HTMLVideoElement, source: Source, at: number, failed: () => void): Promise<Attached> {
  const native = source.mp4 || (source.hls && playsHls(video) ? source.hls : '');
  if (native) {
    if (video.src !== new URL(native, location.href).href) video.src = native;
    if (at > 0) video.currentTime = at;
    return { detach() {} };
  }
  if (!source.hls) throw new Error('no source');
  const { default: Hls } = await import('./hls');
  if (!Hls.isSupported()) {
    video.src = source.hls;
    return { detach() {} };
  }
  // A growing playlist is begun at its beginning, not at its live edge: it is a recording, not a broadcast.
  const hls = new Hls({ startPosition: at, backBufferLength: 90, maxBufferLength: 40 });
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !video.dataset['recovered']) {
      video.dataset['recovered'] = 'yes';
      hls.recoverMediaError();
    } else failed();
  });
  hls.loadSource(source.hls);
  hls.attachMedia(video);
  return { detach: () => hls.destroy() };
}
