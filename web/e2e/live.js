// The link plays while the recording is being made: one person records with the fake camera, another watches before Stop and
// sees it to its end without a reload. Prints how long after Stop it played for a newcomer and was ready.
import { openBrowser, person } from './browser.js';
import { startServer } from './server.js';
import { invite, join_, setUp } from './steps.js';

const SECONDS = 20;

export async function live(step) {
  const server = await startServer();
  const browser = await openBrowser();
  const author = await person(browser, server.url);
  const viewer = await person(browser, server.url);
  const late = await person(browser, server.url);
  const seen = {};
  const take = async (page) => (await page.request.get(seen.take)).json();

  await step('an author and a viewer sign in', async () => {
    await setUp(author.page, server.setup);
    await join_(viewer.page, await invite(author.page, 'Marek Wolny', 'marek@tidemark.example'));
    await join_(late.page, await invite(author.page, 'Sofia Nilsson', 'sofia@tidemark.example'));
  });

  await step('a recording is begun, and can be watched while it goes on', async () => {
    const { page } = author;
    const opened = page.waitForResponse((answer) => answer.url().endsWith('/api/take-sessions') && answer.request().method() === 'POST');
    const begun = page.waitForResponse((answer) => answer.url().endsWith('/api/uploads') && answer.request().method() === 'POST');
    await page.goto('/record');
    await page.getByRole('button', { name: 'Camera', exact: true }).first().click();
    await page.getByRole('button', { name: 'Start recording' }).click();
    seen.watch = new URL((await (await opened).json()).watch_url).pathname;
    seen.take = new URL((await begun).headers()['twotake-take']).pathname;
    seen.began = Date.now();
    for (;;) {
      const now = await take(page);
      if (['refused', 'failed'].includes(now.state)) throw new Error(`the take is ${now.state}: ${now.detail}`);
      if (now.watchable) break;
      await page.waitForTimeout(100);
    }
    seen.watchable = Date.now() - seen.began;
  });

  await step('another person plays it before Stop', async () => {
    const { page } = viewer;
    await page.goto(seen.watch);
    await page.getByText('Still recording').first().waitFor();
    await page.locator('twotake-player .pill').click();
    await page.waitForFunction(() => document.querySelector('twotake-player video').currentTime > 0.5);
    await page.evaluate(() => {
      window.marked = true;
      window.ended = 0;
      document.addEventListener('tt-ended', () => (window.ended += 1));
    });
    if ((await take(author.page)).state !== 'receiving') throw new Error('the recording had ended already');
  });

  await step('after Stop a newcomer plays it, and it is ready', async () => {
    const left = SECONDS * 1000 - (Date.now() - seen.began);
    if (left > 0) await author.page.waitForTimeout(left);
    const stopped = Date.now();
    await author.page.keyboard.press('s');
    const newcomer = (async () => {
      const { page } = late;
      await page.goto(seen.watch);
      await page.locator('twotake-player .pill').click();
      await page.waitForFunction(() => document.querySelector('twotake-player video').currentTime > 0);
      return Date.now() - stopped;
    })();
    for (;;) {
      const now = await take(author.page);
      if (['refused', 'failed'].includes(now.state)) throw new Error(`the take is ${now.state}: ${now.detail}`);
      if (now.state === 'ready') break;
      await author.page.waitForTimeout(50);
    }
    const ready = Date.now() - stopped;
    console.log(`        watchable ${seen.watchable} ms after it began; after Stop: playing in a new browser ${await newcomer} ms, ready ${ready} ms`);
  });

  await step('who watched from the beginning sees it to its end, without a reload', async () => {
    const { page } = viewer;
    await page.waitForFunction(() => window.ended === 1, null, { timeout: 120_000 });
    const end = await page.evaluate(() => ({ marked: window.marked, at: document.querySelector('twotake-player video').currentTime }));
    if (!end.marked) throw new Error('the page was loaded again');
    const { measured_ms: measured } = await take(author.page);
    if (Math.abs(end.at * 1000 - measured) > 500) throw new Error(`it ended at ${end.at} s of ${measured} ms`);
    await page.getByText('Still recording').first().waitFor({ state: 'hidden' });
  });

  await step('whoever presses Play before the app is there goes on where the app puts its own player', async () => {
    const { page } = late;
    let arrive;
    const held = new Promise((resolve) => (arrive = resolve));
    await page.route('**/_app/immutable/nodes/*', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(seen.watch, { waitUntil: 'commit' });
    await page.locator('[data-server] twotake-player .pill').click();
    await page.waitForFunction(() => document.querySelector('[data-server] video').currentTime > 2);
    arrive();
    await page.waitForFunction(() => {
      const video = document.querySelector('twotake-player video');
      return !document.querySelector('[data-server]') && !video?.paused && video?.currentTime > 2.5;
    });
    await page.unroute('**/_app/immutable/nodes/*');
  });

  await step('no page complained', async () => {
    const errors = [author, viewer, late].flatMap((one) => one.errors);
    if (errors.length) throw new Error(errors.join('; '));
  });

  await browser.close();
  await server.stop();
}
