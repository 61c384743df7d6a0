// The service worker: shows what it is woken with, and opens the inbox when that is pressed. It keeps and fetches nothing.
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

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? '/inbox', self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const page = open.find((one) => new URL(one.url).origin === url.origin);
    if (!page) return self.clients.openWindow(url.href);
    await page.focus();
    return page.navigate(url.href).catch(() => self.clients.openWindow(url.href));
  })());
});
