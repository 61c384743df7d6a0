// Takes and uploads under trouble: screen and camera, pause, the hard stop, the third take; files dropped, held, reloaded away,
// cut off by a dead server, refused. A server, a person and a browser of their own.
import assert from 'node:assert/strict';
import { openBrowser, person } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

/** Bytes a second that a slow browser sends: the file of the upload tests takes some seconds. */
const SLOW = 700_000;

export async function takes(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const it = { server, browser, ...(await person(browser, server.url)) };
    // What is on its way asks before the page is left; here the answer is always yes.
    it.page.on('dialog', (dialog) => dialog.accept().catch(() => {}));
    it.cdp = await it.context.newCDPSession(it.page);
    await steps.setUp(it.page, server.setup);
    await uploads(step, it);
    await recorder(step, it);
    await limits(step, it);
    await step('no page has thrown or logged an error while things broke', async () => {
      assert.deepEqual(it.errors.filter((text) => !/ERR_(INTERNET_DISCONNECTED|CONNECTION)/.test(text)), []);
    });
  } finally {
    await browser.close();
    await server.stop();
  }
}

const panel = (page) => page.getByRole('region', { name: 'Uploads' });
const slow = (it, rate) => it.cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: rate });

/** What the page asks of the upload's address from now on: the offset of each PATCH. */
function offsets(page) {
  const seen = [];
  const hear = (request) => request.method() === 'PATCH' && seen.push(Number(request.headers()['upload-offset']));
  page.on('request', hear);
  return { seen, done: () => page.off('request', hear) };
}

/** Sends a file slowly and comes back when a part of it is safe on the server, which puts away what it has every two seconds. */
async function begun(it, name) {
  await slow(it, SLOW);
  await it.page.goto('/library');
  await it.page.getByLabel('Choose videos').setInputFiles(name);
  await panel(it.page).getByText(/^[5-7]\d% of/).waitFor();
}

/** The upload has ended well; the answer is its take. */
async function ready(page) {
  await panel(page).getByText(/Ready to watch/).waitFor({ timeout: 180_000 });
  const path = await panel(page).getByRole('link', { name: 'Watch' }).getAttribute('href');
  const { take } = await page.evaluate(async (slug) => (await fetch(`/api/recordings/${slug}`)).json(), path.split('/').pop());
  await panel(page).getByRole('button', { name: /^Dismiss/ }).click();
  return take;
}

async function uploads(step, it) {
  const { page } = it;
  const heavy = steps.video('morning round.mp4', 4, { picture: 'nullsrc=size=640x360:rate=25,geq=random(1)*255:128:128', codec: ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-b:v', '8M'] });
  await step('a file dropped anywhere on a page is uploaded and made ready', async () => {
    const short = steps.video('dropped.mp4', 3);
    await page.goto('/goals');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const drag = (type) => it.cdp.send('Input.dispatchDragEvent', { type, x: 700, y: 500, data: { items: [], files: [short], dragOperationsMask: 1 } });
    await drag('dragEnter');
    await drag('dragOver');
    await page.getByText('Drop to upload: three minutes at most').waitFor();
    await drag('drop');
    const take = await ready(page);
    assert.ok(Math.abs(take.measured_ms - 3000) < 200, `it measures ${take.measured_ms} ms`);
  });
  await step('an upload is held and goes on from where it stood', async () => {
    const heard = offsets(page);
    await begun(it, heavy);
    await panel(page).getByRole('button', { name: /^Pause/ }).click();
    const held = await panel(page).getByText(/^Paused at \d+%/).textContent();
    await page.waitForTimeout(1500);
    assert.equal(await panel(page).getByText(/^Paused at/).textContent(), held);
    await slow(it, -1);
    await panel(page).getByRole('button', { name: /^Go on/ }).click();
    const take = await ready(page);
    heard.done();
    assert.ok(heard.seen.length >= 2 && heard.seen[1] > 0, `PATCH at ${heard.seen}`);
    assert.ok(Math.abs(take.measured_ms - 4000) < 200, `it measures ${take.measured_ms} ms`);
  });
  await step('a page reloaded in the middle of an upload goes on with it, and nothing is lost', async () => {
    await begun(it, heavy);
    const heard = offsets(page);
    await page.reload();
    await slow(it, -1);
    await panel(page).getByText('morning round.mp4').waitFor();
    const take = await ready(page);
    heard.done();
    assert.ok(heard.seen[0] > 0, `PATCH at ${heard.seen}`);
    assert.equal(take.ordinal, 1);
    assert.ok(Math.abs(take.measured_ms - 4000) < 200, `it measures ${take.measured_ms} ms`);
  });
  await step('a server that dies in the middle of an upload costs nothing: it goes on by itself', async () => {
    await begun(it, heavy);
    const heard = offsets(page);
    await it.server.kill();
    await panel(page).getByText(/^The network broke at \d+%\. It goes on by itself\.$/).waitFor();
    await slow(it, -1);
    await it.server.again();
    const take = await ready(page);
    heard.done();
    assert.ok(heard.seen.some((offset) => offset > 0), `PATCH at ${heard.seen}`);
    assert.equal(take.ordinal, 1);
  });
  await step('a browser without a network waits, and goes on when it is back', async () => {
    await begun(it, heavy);
    await it.cdp.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await panel(page).getByText(/^The network broke at \d+%/).waitFor();
    await slow(it, -1);
    await ready(page);
  });
  await step('what the browser cannot read is measured by the server, and the refusal says its length', async () => {
    await page.goto('/library');
    await page.getByLabel('Choose videos').setInputFiles(steps.video('long.avi', 185, { rate: 5, codec: ['mpeg4', '-q:v', '9'] }));
    await panel(page).getByText('This video runs 3:05.').waitFor({ timeout: 120_000 });
    await panel(page).getByText('Updates stop at 3:00: trim it or record again; it has not cost you a take.').waitFor();
    await panel(page).getByRole('button', { name: /^Dismiss/ }).click();
  });
  await step('a file without a picture is refused, and says so', async () => {
    await page.getByLabel('Choose videos').setInputFiles(steps.video('only sound.mov', 3, { picture: null }));
    await panel(page).getByText('There is no video in this file.').waitFor({ timeout: 120_000 });
    await panel(page).getByText(/It has not cost you a take/).waitFor();
    await panel(page).getByRole('button', { name: /^Dismiss/ }).click();
  });
}

/** The clock of the recorder, in milliseconds (it shows whole seconds). */
const clock = async (page) => {
  const [minutes, seconds] = (await page.getByRole('timer').textContent()).trim().split(':').map(Number);
  return (minutes * 60 + seconds) * 1000;
};

/** The take under review, when it is ready. */
async function reviewed(page) {
  await steps.untilReady(page);
  const slug = (await page.getByLabel('Link, ready to paste anywhere').inputValue()).split('/').pop();
  return page.evaluate(async (word) => (await (await fetch(`/api/recordings/${word}`)).json()).take, slug);
}

async function recorder(step, it) {
  const { page } = it;
  await step('the screen is recorded, held and taken up again: the pause is not part of it', async () => {
    await page.goto('/record');
    await page.getByRole('button', { name: 'Screen', exact: true }).first().click();
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByRole('button', { name: 'Stop recording' }).waitFor();
    await page.waitForTimeout(1500);
    await page.keyboard.press('p');
    await page.getByText('Paused', { exact: true }).waitFor();
    const held = await clock(page);
    await page.waitForTimeout(4000);
    assert.equal(await clock(page), held);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForTimeout(1500);
    await page.keyboard.press('s');
    const take = await reviewed(page);
    assert.ok(take.measured_ms >= 1500 && take.measured_ms < 6500, `it measures ${take.measured_ms} ms`);
    assert.ok(take.measured_ms - held < 4500, 'the pause of four seconds is in it');
    assert.ok(take.width >= 640, `the screen is ${take.width} pixels wide`);
  });
  await step('screen and camera are one picture: the camera in a circle at its lower left', async () => {
    await page.goto('/record');
    await steps.recordTake(page, 2500, 'Screen and camera');
    const take = await reviewed(page);
    const green = await page.evaluate(async (url) => {
      const video = Object.assign(document.createElement('video'), { src: url, muted: true });
      await new Promise((done, fail) => Object.assign(video, { onloadeddata: done, onerror: () => fail(new Error('it does not load')) }));
      video.currentTime = 1;
      await new Promise((done) => (video.onseeked = done));
      const canvas = Object.assign(document.createElement('canvas'), { width: video.videoWidth, height: video.videoHeight });
      const pen = canvas.getContext('2d');
      pen.drawImage(video, 0, 0);
      // The fake camera is green; the circle is 17 % of the width, 3 % from the left and 5 % of the height from below.
      const share = (x, y, size) => {
        const { data } = pen.getImageData(Math.round(x - size / 2), Math.round(y - size / 2), Math.round(size), Math.round(size));
        let hits = 0;
        for (let at = 0; at < data.length; at += 4) hits += data[at + 1] > data[at] + 40 && data[at + 1] > data[at + 2] + 40 ? 1 : 0;
        return hits / (data.length / 4);
      };
      const { width, height } = canvas;
      const radius = width * 0.085;
      return { inside: share(width * 0.03 + radius, height - radius - height * 0.05, radius), corner: share(width * 0.95, height * 0.04, height * 0.05) };
    }, take.mp4_url);
    assert.ok(green.inside > 0.2 && green.corner < 0.05, `green inside the circle ${green.inside}, in the upper right corner ${green.corner}`);
  });
  await step('a network that breaks during a take costs nothing', async () => {
    await page.goto('/record');
    await page.getByRole('button', { name: 'Camera', exact: true }).first().click();
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByRole('button', { name: 'Stop recording' }).waitFor();
    await page.waitForTimeout(1000);
    await it.context.setOffline(true);
    await page.getByText('The network broke. Your take is safe here and goes on by itself.').waitFor();
    await page.waitForTimeout(1000);
    await it.context.setOffline(false);
    await page.getByText('The network broke. Your take is safe here and goes on by itself.').waitFor({ state: 'detached' });
    const ran = await clock(page);
    await page.keyboard.press('s');
    const take = await reviewed(page);
    assert.ok(take.measured_ms > ran - 1000, `${take.measured_ms} ms of ${ran} arrived`);
    assert.equal(take.ordinal, 1);
  });
}

async function limits(step, it) {
  const { page } = it;
  await step('the administrator lowers the limit, and the recorder stops by itself at it', async () => {
    await steps.organise(page, { seconds: 5 });
    await page.goto('/record');
    await page.getByRole('button', { name: 'Camera', exact: true }).first().click();
    await page.getByText('stops at 0:05').waitFor();
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByLabel('Link, ready to paste anywhere').waitFor({ timeout: 60_000 });
    const take = await reviewed(page);
    assert.ok(take.measured_ms > 3500 && take.measured_ms <= 5500, `it measures ${take.measured_ms} ms`);
    it.first = take;
  });
  await step('after a second take the first one is kept, and it is what is watched', async () => {
    await page.getByRole('button', { name: /Record take 2/ }).click();
    await steps.recordTake(page, 1500);
    await page.getByText('2 of 2 takes used').waitFor();
    await steps.untilReady(page);
    await page.getByRole('button', { name: /^(\d:\d\d )?Take 1/ }).click();
    await page.getByLabel('Title').fill('The first was better');
    await page.getByRole('button', { name: 'Keep this take' }).click();
    await page.getByRole('heading', { level: 1, name: 'The first was better' }).waitFor();
    const kept = await page.evaluate(async (slug) => (await (await fetch(`/api/recordings/${slug}`)).json()).take, new URL(page.url()).pathname.split('/').pop());
    assert.deepEqual([kept.id, kept.ordinal], [it.first.id, 1]);
  });
  await step('a third take, begun in another window, is refused and both takes are offered', async () => {
    const opened = page.waitForResponse((answer) => answer.url().endsWith('/api/take-sessions') && answer.request().method() === 'POST');
    await page.goto('/record');
    await steps.recordTake(page, 1500);
    const session = (await (await opened).json()).id;
    await page.getByLabel('Link, ready to paste anywhere').waitFor();
    const other = await it.context.newPage();
    await other.goto(`/record?session=${session}`);
    await other.getByRole('button', { name: /Record take 2/ }).click();
    await steps.recordTake(other, 1500);
    await other.getByText('2 of 2 takes used').waitFor();
    await steps.untilReady(other);
    await other.close();
    await page.bringToFront();
    await page.getByRole('button', { name: /Record take 2/ }).click();
    await page.getByRole('button', { name: 'Camera', exact: true }).first().click();
    await page.getByRole('button', { name: 'Start recording' }).click();
    await page.getByRole('alert').getByText('Both takes are used.').waitFor();
    assert.equal(await page.getByRole('group', { name: 'Takes' }).getByRole('button', { name: /Take [12]/ }).count(), 2);
    assert.equal(await page.getByRole('button', { name: /Record take/ }).count(), 0);
    await page.getByLabel('Title').fill('Kept of two');
    await page.getByRole('button', { name: 'Keep this take' }).click();
    await page.getByRole('heading', { level: 1, name: 'Kept of two' }).waitFor();
  });
  await step('a file over the lowered limit is refused with its length and that limit', async () => {
    await page.goto('/library');
    await page.getByLabel('Choose videos').setInputFiles(steps.video('eight seconds.mp4', 8));
    await panel(page).getByText('This video runs 0:08.').waitFor();
    await panel(page).getByText(/Updates stop at 0:05/).waitFor();
  });
}
