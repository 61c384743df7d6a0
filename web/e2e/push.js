// A browser is woken: turned on by its button, sent what the server seals for it, shown by the service worker, pressed, turned off.
//
// What stands in for something: the browser's own subscription, because this Chromium has no push service (nor may a private
// context have one), so `PushManager.subscribe` answers with an address of this test and keys of this test; that service, which
// opens what the server sends and gives it to the browser through DevTools, as DevTools' own "Push" does; and the press, which no
// protocol makes: the event is put to the real worker by hand, and what only a press may do (bring a window forward, open one) is
// written down. Server, page, worker and notification are the real ones.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { audit, openBrowser, person, shoot } from './browser.js';
import { binary, startServer } from './server.js';
import * as steps from './steps.js';

const { ask } = steps;

export async function push(step) {
  const key = execFileSync(binary, ['push-key'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const service = await pushService();
  const server = await startServer(null, { TWOTAKE_PUSH_KEY: key, TWOTAKE_PUSH_LOCAL: 'true' });
  const browser = await openBrowser();
  try {
    const it = { server, browser, service };
    for (const name of ['ingrid', 'marek']) it[name] = await person(browser, server.url);
    await step('two people, one of whom posts', () => people(it));
    await step('a browser that refuses says so, and nothing is turned on', () => refused(it));
    await step('the button turns it on: the worker is there, and the server knows the browser', () => on(it));
    await step('a comment wakes it: sealed for it alone, signed, and without a title', () => woken(it));
    await step('the worker shows it, also when it cannot be read', () => shown(it));
    await step('pressed, it leads an open page to the inbox without loading it anew', () => pressed(it));
    await step('a page that records is left alone, and another window is opened', () => recording(it));
    await step('the button turns it off, and the server forgets the browser', () => off(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual([it.ingrid, it.marek].flatMap((one) => one.errors), []));
  } finally {
    await browser.close();
    await server.stop();
    service.close();
  }
}

/** Keeps what it is sent, and wakes whoever waits for the next. */
async function pushService() {
  const [sent, waiting] = [[], []];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const message = { path: request.url, headers: request.headers, body: Buffer.concat(parts) };
    sent.push(message);
    waiting.splice(0).forEach((tell) => tell(message));
    response.writeHead(201).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}`, sent, next: () => new Promise((done) => waiting.push(done)), close: () => server.close() };
}

/** The keys of a browser's subscription, and what opens a message that was sealed for them (RFC 8291). */
function subscription() {
  const own = createECDH('prime256v1');
  own.generateKeys();
  const secret = randomBytes(16);
  const derive = (key, salt, info, length) => Buffer.from(hkdfSync('sha256', key, salt, info, length));
  return {
    keys: { p256dh: own.getPublicKey('base64url'), auth: secret.toString('base64url') },
    open(body) {
      const [salt, length] = [body.subarray(0, 16), body[20]];
      const sender = body.subarray(21, 21 + length);
      const sealed = body.subarray(21 + length);
      const input = derive(own.computeSecret(sender), secret, Buffer.concat([Buffer.from('WebPush: info\0'), own.getPublicKey(), sender]), 32);
      const decipher = createDecipheriv('aes-128-gcm', derive(input, salt, 'Content-Encoding: aes128gcm\0', 16), derive(input, salt, 'Content-Encoding: nonce\0', 12));
      decipher.setAuthTag(sealed.subarray(-16));
      const filled = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
      return filled.subarray(0, filled.lastIndexOf(2)).toString();
    },
  };
}

async function people(it) {
  const { page } = it.ingrid;
  await steps.setUp(page, it.server.setup);
  await steps.join_(it.marek.page, await steps.invite(page, 'Marek Wolny', 'marek@tidemark.example'));
  // Whatever day this runs on, it is one they work.
  const { revision } = await ask(page, 'GET', '/api/me');
  await ask(page, 'PATCH', '/api/me/quiet-hours', { workdays: [1, 2, 3, 4, 5, 6, 7], revision });
  it.post = (await ask(page, 'POST', '/api/channels/general/posts', { title: 'The rota of next week' })).id;
}

async function refused(it) {
  const { page } = it.marek;
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Notify this browser' }).click();
  await page.getByText('The browser does not allow it.').waitFor();
  await page.getByRole('button', { name: 'Notify this browser', pressed: false }).waitFor();
  await page.getByText('The browser does not allow it.').scrollIntoViewIfNeeded();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'push-refused');
}

async function on(it) {
  const { page, context } = it.ingrid;
  it.mine = subscription();
  await context.grantPermissions(['camera', 'microphone', 'clipboard-read', 'clipboard-write', 'notifications'], { origin: it.server.url });
  const endpoint = `${it.service.url}/browser/of-ingrid`;
  await context.addInitScript(({ endpoint, keys }) => {
    const made = { endpoint, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => { localStorage.removeItem('test-subscription'); return true; } };
    PushManager.prototype.subscribe = async (options) => {
      localStorage.setItem('test-subscription', JSON.stringify(options));
      return made;
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem('test-subscription') ? made : null);
  }, { endpoint, keys: it.mine.keys });
  await page.goto('/settings');
  const button = page.getByRole('button', { name: 'Notify this browser' });
  await button.scrollIntoViewIfNeeded();
  await button.click();
  await page.getByRole('button', { name: 'Stop notifying this browser', pressed: true }).waitFor();
  const { key } = await ask(page, 'GET', '/api/me/push');
  it.key = key;
  assert.deepEqual(await page.evaluate(() => JSON.parse(localStorage.getItem('test-subscription'))), { userVisibleOnly: true, applicationServerKey: key });
  assert.deepEqual(await page.evaluate(async () => [(await navigator.serviceWorker.ready).active.scriptURL, (await navigator.serviceWorker.ready).scope]), [`${it.server.url}/push.js`, `${it.server.url}/`]);
  await page.reload();
  await page.getByRole('button', { name: 'Stop notifying this browser', pressed: true }).scrollIntoViewIfNeeded();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'push-on');
}

async function woken(it) {
  // Told while they look elsewhere: what is seen at once is read, and wakes nobody.
  await it.ingrid.page.goto('/goals');
  const next = it.service.next();
  await ask(it.marek.page, 'POST', `/api/posts/${it.post}/comments`, { body: 'Who is on call on Friday?' });
  // Once a minute the server looks whom it has to wake.
  const message = await next;
  assert.equal(message.path, '/browser/of-ingrid');
  assert.equal(message.headers['content-encoding'], 'aes128gcm');
  const [, token, by] = /^vapid t=([^,]+), k=(.+)$/.exec(message.headers.authorization);
  assert.equal(by, it.key);
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  assert.equal(claims.aud, it.service.url);
  it.plain = it.mine.open(message.body);
  assert.deepEqual(JSON.parse(it.plain), { text: 'Marek Wolny commented on your post', url: '/inbox', unread: 1 });
}

/** Gives a message to the worker as a push service would, and answers what is shown then. */
async function deliver(it, data, text = 'Marek Wolny commented on your post') {
  const { page, context } = it.ingrid;
  it.devtools ??= await context.newCDPSession(page);
  if (!it.registration) {
    const registered = new Promise((done) => it.devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations.forEach((one) => one.scopeURL === `${it.server.url}/` && !one.isDeleted && done(one.registrationId))));
    await it.devtools.send('ServiceWorker.enable');
    it.registration = await registered;
  }
  // Nothing is closed before: closing takes its time, and may meet what came in its place. Chromium seems to forget a notification when it is asked
  // for all of them after it has noted this one and before it shows it: so it is asked seldom, and given the message again.
  const wanted = (all) => all.length === 1 && all[0].body === text;
  for (let left = 5; ; left--) {
    await it.devtools.send('ServiceWorker.deliverPushMessage', { origin: it.server.url, registrationId: it.registration, data });
    const all = await notices(page, wanted);
    if (wanted(all) || left === 0) return all;
  }
}

/** What the browser shows, once that is as wanted. Asked again and again from here: a page's own waiting takes a promise for a yes. */
async function notices(page, wanted) {
  const until = Date.now() + 3000;
  for (;;) {
    await page.waitForTimeout(500);
    const all = await page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, data })));
    if (wanted(all) || Date.now() > until) return all;
  }
}

async function shown(it) {
  assert.deepEqual(await deliver(it, 'not a message of ours', 'Something waits in your inbox'), [{ title: 'Twotake', body: 'Something waits in your inbox', tag: 'inbox', data: { url: '/inbox' } }]);
  // The second takes the place of the first.
  assert.deepEqual(await deliver(it, it.plain), [{ title: 'Twotake', body: 'Marek Wolny commented on your post', tag: 'inbox', data: { url: '/inbox' } }]);
}

/** Presses what is shown; the answer is what the worker did that only a press may do. */
async function press(it) {
  const worker = it.ingrid.context.serviceWorkers().find((one) => one.url() === `${it.server.url}/push.js`);
  assert.ok(worker, 'the worker runs');
  return worker.evaluate(async () => {
    const did = [];
    WindowClient.prototype.focus = async function focus() {
      did.push(`forward ${new URL(this.url).pathname}`);
      return this;
    };
    Clients.prototype.openWindow = async (url) => void did.push(`open ${new URL(url).pathname}`);
    const [notification] = await self.registration.getNotifications();
    const event = new NotificationEvent('notificationclick', { notification });
    const until = [];
    Object.defineProperty(event, 'waitUntil', { value: (done) => until.push(done) });
    self.dispatchEvent(event);
    await Promise.all(until);
    return [...did, `${(await self.registration.getNotifications()).length} left`];
  });
}

async function pressed(it) {
  const { page } = it.ingrid;
  await page.goto(`/posts/${it.post}`);
  const field = page.getByLabel('Answer under this post');
  await field.fill('Half an answer');
  await page.evaluate(() => { window.same = true; });
  await deliver(it, it.plain);
  assert.deepEqual(await press(it), [`forward /posts/${it.post}`, '0 left']);
  await page.waitForURL((url) => url.pathname === '/inbox');
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  assert.ok(await page.evaluate(() => window.same), 'the page was not loaded again');
  await page.goBack();
  assert.equal(await field.inputValue(), 'Half an answer');
}

async function recording(it) {
  const { page } = it.ingrid;
  await page.goto('/record');
  await page.getByText('What do you want to show?').waitFor();
  await deliver(it, it.plain);
  assert.deepEqual(await press(it), ['open /inbox', '0 left']);
  assert.equal(new URL(page.url()).pathname, '/record');
}

async function off(it) {
  const { page } = it.ingrid;
  await page.goto('/settings');
  const gone = page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().includes('/api/me/push-subscriptions/'));
  await page.getByRole('button', { name: 'Stop notifying this browser' }).click();
  assert.equal((await gone).status(), 204);
  await page.getByRole('button', { name: 'Notify this browser', pressed: false }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('test-subscription')), null);
}
