// Ticks thirty times a second from a worker, where a hidden tab's timers go on. The next tick waits until the last one was
// answered with how long its work took (ms), and at least as long again: a slow machine draws fewer pictures instead of
// queueing them, and keeps half of its time for everything else.
let ready = 0;
onmessage = (event: MessageEvent<number>) => (ready = performance.now() + event.data);
setInterval(() => {
  if (performance.now() < ready) return;
  ready = Infinity;
  postMessage(0);
}, 1000 / 30);
