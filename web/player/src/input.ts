/** Presses, drags and keys, turned into acts. The element carries them out. */

import { actOf, type Act } from './keys';
import type { View } from './view';

export interface Hands {
  act(act: Act): void;
  press(name: string): void;
  /** Goes to a share (0 to 1) of the whole. */
  scrub(share: number): void;
  /** The pointer is over this share of the bar, or has left it. */
  hint(share: number | undefined): void;
  moved(): void;
}

/** Whether a key press belongs to a field or a control of the page rather than to the player. */
function typing(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function listen(host: HTMLElement, view: View, video: HTMLVideoElement, on: AddEventListenerOptions, hands: Hands): void {
  const seek = view.part('.seek');
  const share = (event: PointerEvent) => {
    const box = seek.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };

  view.root.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('button[data-do]');
    if (button) hands.press(button.dataset['do']!);
  }, on);

  // A tap shows the controls, a second one pauses; a click of a mouse plays and pauses at once.
  let wasStill = false;
  view.root.addEventListener('pointerdown', () => (wasStill = view.root.hasAttribute('data-still')), { ...on, capture: true });
  video.addEventListener('click', (event) => {
    event.preventDefault();
    view.root.focus({ preventScroll: true });
    const touch = (event as PointerEvent).pointerType === 'touch';
    if (touch && view.root.dataset['s'] === 'playing' && wasStill) hands.moved();
    else hands.act({ do: 'toggle' });
  }, on);
  video.addEventListener('dblclick', () => hands.act({ do: 'full' }), on);

  seek.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    seek.setPointerCapture(event.pointerId);
    hands.scrub(share(event));
  }, on);
  seek.addEventListener('pointermove', (event) => {
    hands.hint(share(event));
    if (seek.hasPointerCapture(event.pointerId)) hands.scrub(share(event));
  }, on);
  for (const name of ['pointerleave', 'pointercancel']) seek.addEventListener(name, () => hands.hint(undefined), on);
  seek.addEventListener('pointerup', (event) => event.pointerType === 'touch' && hands.hint(undefined), on);

  for (const name of ['pointermove', 'pointerdown', 'focusin', 'keydown']) view.root.addEventListener(name, () => hands.moved(), on);

  // With keys="page" (pages that hold nothing but the player) the keys work wherever the focus is.
  const keyboard: EventTarget = host.getAttribute('keys') === 'page' ? document : host;
  keyboard.addEventListener('keydown', (raw) => {
    const event = raw as KeyboardEvent;
    const target = event.composedPath()[0];
    if (event.defaultPrevented || typing(target)) return;
    const pressed = target instanceof Element && target.closest('button, a');
    if (pressed && (event.key === ' ' || event.key === 'Enter')) return;
    const act = actOf(event, target === seek);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    hands.act(act);
    hands.moved();
  }, on);
}
