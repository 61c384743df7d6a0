// The service worker: shows what it is woken with, and leads to it when that is pressed. It keeps and fetches nothing.
self.addEventListener('push', (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    // A message that cannot be read still wakes: something waits.
  }
  const shown = self.registration.showNotification('Twotake', { body: message.text ?? 'Something waits in your inbox', tag: 'inbox', icon: '/icon.svg', data: { url: message.url ?? '/inbox' } });
  const badge = message.unread && self.navigator.setAppBadge ? self.navigator.setAppBadge(message.unread).catch(() => {}) : undefined;
  event.waitUntil(Promise.all([shown, badge]));
});

/** Asks an open page to go somewhere by itself, so that nothing in it is lost; false when it does not say that it does. */
const goes = (page, path) => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(true);
  setTimeout(() => done(false), 700);
  page.postMessage({ open: path }, [port2]);
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? '/inbox', self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const pages = open.filter((one) => one.frameType === 'top-level').sort((a, b) => Number(b.visibilityState === 'visible') - Number(a.visibilityState === 'visible'));
    // A press allows one window to come forward: only the page that goes there is brought.
    for (const page of pages.slice(0, 3)) if (await goes(page, url.pathname + url.search + url.hash)) return page.focus();
    return self.clients.openWindow(url.href);
  })());
});
