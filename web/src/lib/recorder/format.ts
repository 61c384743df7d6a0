// What this browser records. The server takes H.264 as it is where it fits, so that is preferred wherever the browser makes it in
// hardware; made in software it would cost the person's machine more than VP8 does.

/** What is asked of the browser. */
export interface Browser {
  supports(type: string): boolean;
  /** Absent where the browser cannot tell. */
  about?(asked: MediaEncodingConfiguration): Promise<MediaCapabilitiesInfo>;
  /** The same, asked of its encoders: Chromium knows nothing of recordings above. Absent where there are none. */
  encoder?(asked: VideoEncoderConfig): Promise<VideoEncoderSupport>;
}

/** Key pictures so often: the server cuts at them, and takes no more than four seconds. */
export const KEYS_MS = 2000;
export const BITS = { video: 3_500_000, audio: 128_000 };

// Matroska first: each picture of it leaves the browser when it is made, while a piece of MP4 waits for the next key.
const H264 = [
  ['video/webm;codecs=h264', 'opus'],
  ['video/x-matroska;codecs=avc1', 'opus'],
  ['video/mp4;codecs=avc1.42E01F', 'mp4a.40.2'],
  ['video/mp4;codecs=avc1.42E01F', 'opus'],
] as const;
const OTHERS = ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4;codecs=avc1.42E01F,mp4a.40.2', 'video/mp4'];

function here(): Browser {
  const known = typeof navigator === 'undefined' ? undefined : navigator.mediaCapabilities;
  const supports = (type: string) => MediaRecorder.isTypeSupported(type);
  const browser: Browser = { supports };
  if (known?.encodingInfo) browser.about = (asked) => known.encodingInfo(asked);
  if (typeof VideoEncoder !== 'undefined') browser.encoder = (asked) => VideoEncoder.isConfigSupported(asked);
  return browser;
}

/** The type to record pictures of that size in; empty where the browser knows none of them. */
export async function format(size: { width?: number; height?: number; frameRate?: number }, browser = here()): Promise<string> {
  for (const [picture, sound] of H264) {
    const whole = `${picture},${sound}`;
    if (browser.supports(whole) && (await inHardware(picture, size, browser))) return whole;
  }
  return OTHERS.find((type) => browser.supports(type)) ?? '';
}

async function inHardware(contentType: string, size: { width?: number; height?: number; frameRate?: number }, browser: Browser): Promise<boolean> {
  const { width = 1920, height = 1080, frameRate = 30 } = size;
  // What does not fit is encoded by the server all the same.
  if (width % 2 || height % 2 || Math.max(width, height) > 1920 || Math.min(width, height) > 1080) return false;
  const asked = { width, height, bitrate: BITS.video, framerate: frameRate };
  const answer = await browser.about?.({ type: 'record', video: { ...asked, contentType } }).catch(() => null);
  if (answer) return answer.supported && answer.smooth && answer.powerEfficient;
  const codec = { codec: 'avc1.42E028', hardwareAcceleration: 'prefer-hardware', ...asked } as const;
  return (await browser.encoder?.(codec).catch(() => null))?.supported === true;
}
