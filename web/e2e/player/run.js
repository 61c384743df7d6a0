// The player in Chromium, against the real server: in a frame on a page of another origin, by its keys, by hls.js with shared
// audio, from processing to ready, and without JavaScript.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

import { stage } from '../../../tests/clients/readers/stage.mjs';
import { audit } from '../browser.js';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP wiki.test 127.0.0.1,MAP other.test 127.0.0.1', '--autoplay-policy=user-gesture-required',
];
const PATIENCE = 60_000;
const counts = { passed: 0, failed: 0 };

const at = await stage();
const key = at.open.split('/').pop();
const parent = createServer((request, answer) => {
  const src = new URL(request.url, 'http://x').searchParams.get('src');
  answer.setHeader('content-type', 'text/html');
  answer.end(`<!doctype html><title>A page elsewhere</title><iframe src="${src}" width="480" height="270" allow="autoplay; fullscreen"></iframe>`);
});
await new Promise((done) => parent.listen(0, '127.0.0.1', done));
const restricted = (await at.link({ allowed_origins: [`http://wiki.test:${parent.address().port}`] })).embed_url;
const elsewhere = (host, src) => `http://${host}:${parent.address().port}/?src=${encodeURIComponent(src)}`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

async function check(sentence, test, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && /Content Security Policy/.test(message.text()) && !/frame-ancestors/.test(message.text()) && errors.push(message.text()));
  page.setDefaultTimeout(PATIENCE);
  try {
    await test(page, context, errors);
    if (errors.length) throw new Error(`the page says: ${errors.join('; ')}`);
    counts.passed += 1;
    console.log(`ok      ${sentence}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED  ${sentence}: ${error.message.split('\n').slice(0, 6).join(' | ')}`);
  }
  await context.close();
}
function same(what, got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}
const plays = (frame, seconds) => frame.waitForFunction((s) => document.querySelector('video').currentTime > s, seconds, { timeout: PATIENCE });
const video = (frame, read) => frame.evaluate(`(() => { const video = document.querySelector('video'); return ${read}; })()`);
const player = (frame, read) => frame.evaluate(`(() => { const player = document.querySelector('twotake-player'), part = (s) => player.shadowRoot.querySelector(s); return ${read}; })()`);
const framed = async (page) => (await page.locator('iframe').elementHandle()).contentFrame();

await check('an embed plays in a page of another origin and sets no cookie', async (page, context) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(elsewhere('wiki.test', at.embed));
  const frame = await framed(page);
  await frame.locator('.cover .pill').waitFor();
  same('what is loaded before Play', asked.filter((path) => /player|video|m3u8/.test(path)), []);
  await frame.locator('.cover').click();
  await plays(frame, 0.5);
  await frame.waitForFunction(() => customElements.get('twotake-player'));
  same('sound', await video(frame, 'video.muted'), false);
  same('cookies', await context.cookies(), []);
});

await check('a restricted link plays where it may stand and nowhere else', async (page) => {
  await page.goto(elsewhere('wiki.test', restricted));
  await (await framed(page)).locator('.cover').click();
  await plays(await framed(page), 0.3);
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.goto(elsewhere('other.test', restricted));
  await refused;
  same('players in the refused frame', await (await framed(page)).locator('twotake-player').count().catch(() => 0), 0);
});

await check('autoplay is only on request, and then without sound', async (page) => {
  await page.goto(elsewhere('wiki.test', `${at.embed}?autoplay=1`));
  const frame = await framed(page);
  await plays(frame, 0.3);
  same('muted', await video(frame, 'video.muted'), true);
});

await check('every key does its act, and the slider speaks', async (page) => {
  await page.goto(`${at.open}?t=1`);
  await page.evaluate(() => {
    window.told = [];
    for (const name of ['tt-comment', 'tt-ranges', 'tt-play', 'tt-pause']) document.addEventListener(name, (event) => window.told.push([name, event.detail]));
  });
  await page.keyboard.press('k');
  await plays(page, 1.2);
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.querySelector('video').paused);
  await page.keyboard.press('0');
  same('start', await video(page, 'video.currentTime'), 0);
  await page.keyboard.press('5');
  same('half', Math.round((await video(page, 'video.currentTime')) * 10) / 10, 2);
  await page.keyboard.press('.');
  const frame = await video(page, 'video.currentTime');
  if (!(frame > 2 && frame < 2.06)) throw new Error(`one frame on is ${frame}`);
  await page.keyboard.press('ArrowLeft');
  same('five back, not before the beginning', await video(page, 'video.currentTime'), 0);
  await page.keyboard.press('Shift+>');
  same('speed', [await video(page, 'video.playbackRate'), await player(page, "part('[data-do=rate]').textContent")], [1.2, '1.2×']);
  await page.keyboard.press('m');
  same('muted', await video(page, 'video.muted'), true);
  await page.keyboard.press('t');
  const told = await page.evaluate(() => window.told.map(([name]) => name));
  for (const name of ['tt-play', 'tt-pause', 'tt-ranges', 'tt-comment']) if (!told.includes(name)) throw new Error(`${name} was not told, only ${told}`);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement?.tagName === 'TWOTAKE-PLAYER');
  await page.keyboard.press('f');
  await page.waitForFunction(() => !document.fullscreenElement);
  same('slider', await player(page, "part('.seek').ariaValueText"), '0:00 of 0:04');
  await page.keyboard.press('9');
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.querySelector('twotake-player').shadowRoot.querySelector('.p').dataset.s === 'over');
  same('the end', await player(page, "part('.over [data-do=again] span').textContent"), 'Again');
});

await check('controls leave after stillness, never while paused or while focus is inside', async (page) => {
  await page.goto(at.open);
  await page.waitForFunction(() => customElements.get('twotake-player'));
  await page.locator('.pill').click();
  await plays(page, 0.1);
  await page.evaluate(() => (document.querySelector('video').loop = true));
  await page.mouse.move(450, 690);
  const still = () => player(page, "part('.p').hasAttribute('data-still')");
  await page.waitForFunction(() => document.querySelector('twotake-player').shadowRoot.querySelector('.p').hasAttribute('data-still'));
  await page.locator('.seek').focus();
  await page.keyboard.press('ArrowRight');
  await new Promise((done) => setTimeout(done, 3000));
  same('still with focus on the slider', await still(), false);
  await page.keyboard.press('k');
  await new Promise((done) => setTimeout(done, 2500));
  same('still while paused', await still(), false);
});

await check('hls.js plays the playlist with its shared audio', async (page) => {
  await page.goto(at.open);
  await page.evaluate(() => {
    const old = document.querySelector('twotake-player');
    window.hls = old.getAttribute('hls');
    const made = document.createElement('twotake-player');
    for (const [name, value] of [['hls', window.hls], ['duration', '4'], ['state', 'ready']]) made.setAttribute(name, value);
    old.replaceWith(made);
  });
  const script = page.waitForRequest(/\/player\/hls-.*\.js/);
  await page.locator('.pill').click();
  await script;
  await plays(page, 1);
  const heard = await video(page, 'video.webkitAudioDecodedByteCount');
  if (!(heard > 0)) throw new Error('no sound was decoded');
  if (!(await video(page, 'video.src')).startsWith('blob:')) throw new Error('it was not played by hls.js');
});

await check('captions are on in a frame, asked for only on Play, and turned off by c', async (page) => {
  await at.caption('en', 'WEBVTT\n\n00:00.000 --> 00:10.000\n<v Leena>The <i>crane</i> &amp; I are back\n');
  const asked = [];
  page.on('request', (request) => request.url().includes('.vtt') && asked.push(request.url()));
  await page.goto(elsewhere('wiki.test', at.embed));
  const frame = await framed(page);
  await frame.locator('.cover .pill').waitFor();
  same('asked for before Play', asked, []);
  await frame.locator('.cover').click();
  const shown = () => frame.waitForFunction(() => document.querySelector('twotake-player').shadowRoot?.querySelector('.cap').textContent === 'Leena: The crane & I are back');
  await shown();
  same('pressed', await player(frame, "part('[data-do=captions]').ariaPressed"), 'true');
  await page.keyboard.press('c');
  same('words', await player(frame, "part('.cap').textContent + part('[data-do=captions]').ariaPressed"), 'false');
});

await check('the choice of captions is kept for the next video', async (page) => {
  const pressed = (wanted) => page.waitForFunction((on) => document.querySelector('twotake-player').shadowRoot?.querySelector('[data-do=captions]')?.ariaPressed === on, wanted);
  await page.goto(at.open);
  await pressed('true');
  await page.keyboard.press('c');
  await pressed('false');
  await page.reload();
  await pressed('false');
});

await check('several languages come in turn, and hls.js plays with captions too', async (page) => {
  await at.caption('fi', 'WEBVTT\n\n00:00.000 --> 00:10.000\nNosturi palasi\n');
  await page.goto(at.open);
  await page.waitForFunction(() => customElements.get('twotake-player'));
  await page.evaluate(() => {
    const old = document.querySelector('twotake-player');
    const made = document.createElement('twotake-player');
    for (const [name, value] of [['hls', old.getAttribute('hls')], ['duration', '4'], ['state', 'ready'], ['keys', 'page']]) made.setAttribute(name, value);
    const video = document.createElement('video');
    video.append(...old.querySelectorAll('track'));
    made.append(video);
    old.replaceWith(made);
  });
  await page.locator('.pill').click();
  const shows = (text) => page.waitForFunction((words) => document.querySelector('twotake-player').shadowRoot.querySelector('.cap').textContent === words, text);
  await shows('Leena: The crane & I are back');
  if (!(await video(page, 'video.src')).startsWith('blob:')) throw new Error('it was not played by hls.js');
  await page.evaluate(() => (document.querySelector('video').loop = true));
  await page.keyboard.press('c');
  await shows('Nosturi palasi');
  await page.keyboard.press('c');
  await shows('');
});

await check('a take that is processed says how long and becomes ready by itself', async (page) => {
  let ready = false;
  await page.goto(at.open);
  const sources = await page.evaluate(() => ({ mp4_url: document.querySelector('twotake-player').getAttribute('mp4') }));
  await page.route('**/a-take', (route) =>
    route.fulfill({ json: ready ? { state: 'ready', measured_ms: 4000, width: 640, height: 360, ...sources } : { state: 'processing', progress: 0.3, seconds_left: 17.2 } }),
  );
  await page.evaluate(() => {
    const made = document.createElement('twotake-player');
    made.setAttribute('state', 'processing');
    made.setAttribute('status', '/a-take');
    document.querySelector('twotake-player').replaceWith(made);
  });
  await page.getByText('Ready in about 20 s').waitFor();
  ready = true;
  await page.locator('.pill').click();
  await plays(page, 0.3);
});

await check('a take that failed says why', async (page) => {
  await page.goto(at.open);
  await page.route('**/a-take', (route) => route.fulfill({ json: { state: 'refused', detail: 'This video runs 3:42. Updates stop at 3:00.' } }));
  await page.evaluate(() => {
    const player = document.querySelector('twotake-player');
    player.removeAttribute('mp4');
    player.removeAttribute('hls');
    player.setAttribute('status', '/a-take');
    player.setAttribute('state', 'processing');
  });
  await page.getByText('This video runs 3:42.').waitFor();
});

await check('without JavaScript the browser plays it', async (page) => {
  for (const url of [at.open, at.embed]) {
    await page.goto(url);
    await page.locator('video[controls]').waitFor();
    if (await page.locator('.cover').isVisible().catch(() => false)) throw new Error('the cover hides the controls');
  }
}, { javaScriptEnabled: false });

await check('axe finds nothing serious on the page of a link, the frame, the neutral page and the password form', async (page) => {
  for (const url of [at.open, at.embed, `${at.embed}x`, at.members, at.locked]) {
    await page.goto(url);
    const found = await audit(page);
    if (found.length) throw new Error(`${url}: ${found.join('; ')}`);
  }
}, { bypassCSP: true });

await browser.close();
parent.close();
await at.server.stop();
at.server.remove();
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);

