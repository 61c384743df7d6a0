/** Full screen and picture in picture, where the browser has them; a refusal leaves everything as it was. */

interface ApplePhone {
  webkitEnterFullscreen?: () => void;
}

const quietly = (promise: Promise<unknown>) => void promise.catch(() => {});

export const hasFull = (video: HTMLVideoElement): boolean => document.fullscreenEnabled || 'webkitEnterFullscreen' in video;

export function full(host: HTMLElement, video: HTMLVideoElement): void {
  if (document.fullscreenElement) quietly(document.exitFullscreen());
  else if (document.fullscreenEnabled) quietly(host.requestFullscreen());
  else (video as ApplePhone).webkitEnterFullscreen?.();
}

export function inPicture(video: HTMLVideoElement): void {
  if (!document.pictureInPictureEnabled) return;
  quietly(document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture());
}
