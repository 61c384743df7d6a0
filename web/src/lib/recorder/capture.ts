// The browser's side of the recorder: camera, screen, microphone, and how a stream becomes slices.
import { BITS, format, KEYS_MS } from './format';
import type { Recording } from './machine';

export type Source = 'camera' | 'screen' | 'both';
export interface Choice { source: Source; camera: string | null; microphone: string | null; muted: boolean }
export interface Capture { stream: MediaStream; preview: MediaStream; level(): number; close(): void; label: string; type: string }

const SLICE_MS = 250;

export async function capture(choice: Choice, ended: () => void): Promise<Capture> {
  const opened: MediaStream[] = [];
  const closers: (() => void)[] = [];
  const close = () => {
    closers.forEach((act) => act());
    opened.forEach((stream) => stream.getTracks().forEach((track) => track.stop()));
  };
  try {
    const screen = choice.source === 'camera' ? null : await keep(opened, navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 30 }, audio: true }));
    const camera = choice.source === 'screen' ? null : await keep(opened, navigator.mediaDevices.getUserMedia({ video: pictureOf(choice) }));
    const voice = choice.muted ? null : await keep(opened, navigator.mediaDevices.getUserMedia({ audio: soundOf(choice) }));
    const sound = mixed([voice, screen].filter((stream) => stream !== null && stream.getAudioTracks().length > 0) as MediaStream[]);
    closers.push(sound.close);
    const picture = screen && camera ? await bubble(screen, camera, closers) : (screen ?? camera);
    const track = picture?.getVideoTracks()[0];
    if (!track) throw new DOMException('No picture', 'NotFoundError');
    for (const stream of opened) stream.getVideoTracks().forEach((each) => each.addEventListener('ended', ended));
    const stream = new MediaStream([track, ...sound.tracks]);
    const type = await format(track.getSettings());
    return { stream, type, preview: new MediaStream([track]), level: sound.level, close, label: opened[0]?.getVideoTracks()[0]?.label ?? '' };
  } catch (error) {
    close();
    throw error;
  }
}

async function keep(opened: MediaStream[], asking: Promise<MediaStream>): Promise<MediaStream> {
  const stream = await asking;
  opened.push(stream);
  return stream;
}

const pictureOf = (choice: Choice): MediaTrackConstraints => ({
  width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...(choice.camera ? { deviceId: { exact: choice.camera } } : {}),
});
const soundOf = (choice: Choice): MediaTrackConstraints => ({
  echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(choice.microphone ? { deviceId: { exact: choice.microphone } } : {}),
});

/** Voice and the sound of the screen in one track, and how loud it is at the moment (0 to 1). */
function mixed(streams: MediaStream[]): { tracks: MediaStreamTrack[]; level(): number; close(): void } {
  if (streams.length === 0) return { tracks: [], level: () => 0, close: () => {} };
  const audio = new AudioContext();
  const analyser = audio.createAnalyser();
  analyser.fftSize = 1024;
  const out = audio.createMediaStreamDestination();
  for (const stream of streams) {
    const source = audio.createMediaStreamSource(stream);
    source.connect(analyser);
    source.connect(out);
  }
  const samples = new Float32Array(analyser.fftSize);
  const level = () => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    return Math.min(1, Math.max(0, (10 * Math.log10(power + 1e-10) + 60) / 60));
  };
  // One source needs no mixing: its own track keeps the picture and the voice in step.
  const tracks = streams.length === 1 ? (streams[0]?.getAudioTracks() ?? []) : out.stream.getAudioTracks();
  return { tracks, level, close: () => void audio.close() };
}

/** The screen with the camera as a circle at its lower left, drawn up to 30 times a second by a clock that a hidden tab keeps. */
async function bubble(screen: MediaStream, camera: MediaStream, closers: (() => void)[]): Promise<MediaStream> {
  const [under, over] = await Promise.all([playing(screen), playing(camera)]);
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { alpha: false });
  if (!pen) return screen;
  const clock = new Worker(new URL('./ticker.ts', import.meta.url), { type: 'module' });
  const draw = () => {
    const scale = Math.min(1, 1920 / (under.videoWidth || 1920));
    const [width, height] = [Math.round((under.videoWidth * scale) / 2) * 2 || 1280, Math.round((under.videoHeight * scale) / 2) * 2 || 720];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.drawImage(under, 0, 0, width, height);
    circle(pen, over, width * 0.17, width * 0.03, height - width * 0.17 - height * 0.05);
  };
  clock.onmessage = () => {
    const began = performance.now();
    draw();
    clock.postMessage(performance.now() - began);
  };
  draw();
  closers.push(() => clock.terminate());
  return canvas.captureStream(30);
}

function circle(pen: CanvasRenderingContext2D, video: HTMLVideoElement, size: number, x: number, y: number): void {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const radius = size / 2;
  pen.save();
  pen.beginPath();
  pen.arc(x + radius, y + radius, radius + size * 0.02, 0, 2 * Math.PI);
  pen.fillStyle = '#fff';
  pen.fill();
  pen.beginPath();
  pen.arc(x + radius, y + radius, radius, 0, 2 * Math.PI);
  pen.clip();
  pen.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, x, y, size, size);
  pen.restore();
}

async function playing(stream: MediaStream): Promise<HTMLVideoElement> {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  return video;
}

/** Records what was captured; slices come every quarter of a second. */
export function record({ stream, type }: Capture, heard: { slice(blob: Blob): void; ended(): void }): Recording {
  const keys = /h264|avc1/.test(type) ? { videoKeyFrameIntervalDuration: KEYS_MS } : {};
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS.video, audioBitsPerSecond: BITS.audio, ...keys });
  recorder.ondataavailable = (event) => heard.slice(event.data);
  recorder.onstop = () => heard.ended();
  recorder.start(SLICE_MS);
  return {
    stop: () => recorder.state !== 'inactive' && recorder.stop(),
    pause: () => recorder.state === 'recording' && recorder.pause(),
    resume: () => recorder.state === 'paused' && recorder.resume(),
  };
}

/** Cameras and microphones by name (names are only there once the person has allowed one). */
export async function devices(): Promise<{ cameras: MediaDeviceInfo[]; microphones: MediaDeviceInfo[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const real = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId);
  return { cameras: real('videoinput'), microphones: real('audioinput') };
}

/** Why there is no picture, for a person. */
export function captureProblem(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError') return 'The browser was not allowed to use it. Allow the camera, the screen and the microphone for this page, then try again.';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'No such camera or microphone is connected. Choose another, or record the screen.';
  if (name === 'NotReadableError') return 'Another program holds the camera or the microphone. Close it there, then try again.';
  return 'This browser could not start the recording. Try another source, or upload a file.';
}
