// The main job, end to end: set up, invite, record, attach, post, check in, watch, comment, embed. Each step stands on the ones before.
import assert from 'node:assert/strict';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';
import { together } from './together.js';

export async function journey(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const ingrid = await person(browser, server.url);
    const leena = await person(browser, server.url);
    const it = { server, browser, ingrid, leena };
    await people(step, it);
    await recording(step, it);
    await attachments(step, it);
    await sharing(step, it);
    await together(step, it);
    await looks(step, it);
    await step('no page has thrown or logged an error', async () => assert.deepEqual([...ingrid.errors, ...leena.errors], []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function people(step, it) {
  await step('the printed link sets the server up', async () => {
    await it.ingrid.page.goto(it.server.setup);
    assert.deepEqual(await audit(it.ingrid.page), []);
    await shoot(it.ingrid.page, 'setup');
    await steps.setUp(it.ingrid.page, it.server.setup);
  });
  await step('every day becomes a check-in day', () => steps.organise(it.ingrid.page, { everyDay: true }));
  await step('an invitation link makes a member', async () => {
    const link = await steps.invite(it.ingrid.page, 'Leena Koskela', 'leena@tidemark.example');
    await it.leena.page.goto(link);
    await it.leena.page.getByLabel('Password').waitFor();
    assert.deepEqual(await audit(it.leena.page), []);
    await shoot(it.leena.page, 'join');
    await steps.join_(it.leena.page, link);
  });
  await step('an invitation that was used says so', async () => {
    const { page, context } = await person(it.browser, it.server.url);
    await page.goto('/join?token=used-up');
    await page.getByRole('heading', { level: 1, name: 'This invitation does not work any more' }).waitFor();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'join-gone');
    await context.close();
  });
  await step('signing in leads back to where one was going', async () => {
    const { page, context } = await person(it.browser, it.server.url);
    await page.goto('/goals?period=week');
    await page.waitForURL(/\/signin\?next=/);
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'signin');
    await page.getByLabel('E-mail address or handle').fill('leena@tidemark.example');
    await page.getByLabel('Password').fill('not this one at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.error').waitFor();
    await page.getByLabel('Password').fill(steps.PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.pathname === '/goals' && url.search === '?period=week');
    await context.close();
  });
}

async function recording(step, it) {
  const { page } = it.leena;
  await step('a goal with a number is made', async () => {
    it.goal = await steps.makeGoal(page, 'Calibration under 20 minutes');
  });
  await step('two takes are recorded with the camera, and a third is not offered', async () => {
    await page.getByRole('link', { name: 'Record an update' }).click();
    await page.waitForURL(/\/record\?for=goal/);
    assert.deepEqual(await audit(page), []);
    await steps.recordTake(page, 3000);
    await page.getByLabel('Link, ready to paste anywhere').waitFor();
    it.link = await page.getByLabel('Link, ready to paste anywhere').inputValue();
    await page.getByRole('button', { name: /Record take 2/ }).click();
    await steps.recordTake(page, 4000);
    await page.getByText('2 of 2 takes used').waitFor();
    assert.equal(await page.getByRole('button', { name: /Record take/ }).count(), 0);
    await page.getByText('Both takes are used. Keep one of them').waitFor();
  });
  await step('the second take is ready, kept and hangs on the goal', async () => {
    await page.getByLabel('Title').fill('Calibration is down to 31 minutes');
    await steps.untilReady(page);
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'record-after');
    await page.getByRole('button', { name: 'Keep and attach to goal' }).click();
    await page.waitForURL((url) => url.pathname === it.goal);
    await page.getByRole('heading', { name: 'Calibration is down to 31 minutes' }).waitFor();
  });
  await step('a chosen file is uploaded, made ready and can be watched', async () => {
    it.video = steps.video('second-bath_at night.mp4', 3);
    await page.goto('/library');
    await page.getByLabel('Choose videos').setInputFiles(it.video);
    await page.getByRole('region', { name: 'Uploads' }).getByText(/Ready to watch/).waitFor({ timeout: 180_000 });
    await page.getByRole('link', { name: 'second bath at night' }).first().waitFor();
  });
  await step('a file that is too long is refused with its length, the rule and the way on', async () => {
    await page.getByLabel('Choose videos').setInputFiles(steps.video('too-long.mp4', 190, { rate: 5 }));
    await page.getByText('This video runs 3:10.').waitFor();
    await page.getByText('it has not cost you a take').waitFor();
    await shoot(page, 'library-refusal');
  });
}

async function attachments(step, it) {
  await step('a recording is posted in Announcements, to be acknowledged', async () => {
    const { page } = it.ingrid;
    await page.goto('/record?for=post:announcements');
    await steps.recordTake(page, 3000);
    await page.getByLabel('Title').fill('Winter on-call starts Monday');
    await page.getByRole('button', { name: 'Keep and write the post' }).click();
    await page.waitForURL(/\/channels\/announcements\?compose=/, { timeout: 180_000 });
    const form = page.getByRole('form', { name: 'New post in Announcements' });
    await form.getByLabel('Text').fill('Four people instead of six, **one week each**.');
    const url = form.getByLabel(/Document link/);
    await url.fill('https://wiki.example/on-call');
    await form.getByLabel('Ask everyone to acknowledge').check();
    await form.getByLabel('To be acknowledged by').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 16));
    await form.getByRole('button', { name: 'Post', exact: true }).click();
    await page.getByRole('heading', { name: 'Winter on-call starts Monday' }).waitFor();
  });
  await step('a member finds it unread, plays it, answers, reacts and acknowledges', async () => {
    const { page } = it.leena;
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Channels' }).getByRole('link', { name: /Announcements/ }).click();
    const post = page.locator('article', { hasText: 'Winter on-call' });
    await post.waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await post.locator('twotake-player').waitFor();
    await post.getByRole('button', { name: 'Add a reaction' }).click();
    await post.getByRole('button', { name: 'Thanks' }).click();
    await post.getByRole('button', { name: 'Thanks, 1, yours included' }).waitFor();
    it.post = await post.getByRole('link', { name: 'Winter on-call starts Monday' }).getAttribute('href');
    await post.getByRole('link', { name: 'Winter on-call starts Monday' }).focus();
    await page.keyboard.press('e');
    await post.getByText('You acknowledged').first().waitFor();
    const answer = post.getByRole('button', { name: 'Answer' });
    if (await answer.count()) await answer.click();
    await post.getByLabel('Answer under this post').fill('Does the van count as a hub?');
    await page.keyboard.press('Enter');
    await post.getByText('Does the van count as a hub?').waitFor();
  });
  await step('a check-in is written in today’s slot, with a video, a status and a number, and submitted', async () => {
    const { page } = it.leena;
    await page.goto('/check-ins');
    // The clock's pass, once a minute, opens what is due today.
    const start = page.getByRole('button', { name: 'Start', exact: true }).first();
    for (const until = Date.now() + 100_000; Date.now() < until && !(await start.waitFor({ timeout: 3000 }).then(() => true, () => false)); ) await page.reload();
    await start.click();
    await page.waitForURL(/\/check-ins\/[0-9a-f-]{36}/);
    it.checkIn = new URL(page.url()).pathname;
    await page.getByLabel('Headline').fill('Second bath is gone; one board still fails sleep');
    await page.getByText('On track', { exact: true }).click();
    await page.locator('.conf').getByText('8', { exact: true }).click();
    await page.getByLabel('Median minutes per probe, new value').fill('31');
    await page.getByRole('button', { name: 'Choose one from your library' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /second bath at night/ }).click();
    await page.getByText(/Draft saved/).waitFor();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'check-in-form');
    await page.getByRole('button', { name: 'Submit check-in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Second bath is gone' }).waitFor();
    await page.goto('/check-ins');
    await page.locator('li', { hasText: 'Submitted' }).first().waitFor();
  });
  await step('the manager finds it, reads it and acknowledges it', async () => {
    const { page } = it.ingrid;
    await page.goto('/check-ins?view=review');
    await page.getByRole('link', { name: 'Second bath is gone; one board still fails sleep' }).click();
    await page.getByRole('button', { name: 'Send the review' }).click();
    await page.getByText('Acknowledged', { exact: true }).waitFor();
  });
}

async function sharing(step, it) {
  await step('another member watches and comments at a second; the author answers', async () => {
    const { page } = it.ingrid;
    await page.goto(new URL(it.link).pathname);
    await page.getByRole('heading', { level: 1, name: 'Calibration is down to 31 minutes' }).waitFor();
    const player = page.locator('twotake-player');
    await page.waitForFunction(() => customElements.get('twotake-player'));
    await player.evaluate((element) => element.play());
    await page.waitForFunction(() => document.querySelector('twotake-player').currentTime > 1.2, undefined, { timeout: 60_000 });
    await player.evaluate((element) => element.pause());
    await page.getByLabel(/Comment on this video/).focus();
    await page.getByRole('button', { name: /clear the second/ }).waitFor();
    await page.locator('.composer input').fill('Good to see the baseline said out loud.');
    await page.keyboard.press('Enter');
    await page.locator('.cm', { hasText: 'Good to see the baseline' }).getByRole('button', { name: /^Go to 0:0/ }).waitFor();
    const author = it.leena.page;
    await author.goto(new URL(it.link).pathname);
    const comment = author.locator('.cm', { hasText: 'Good to see the baseline' }).first();
    await comment.getByRole('button', { name: 'Reply' }).first().click();
    await author.getByLabel('Answer Ingrid Solvang').fill('Added to the goal.');
    await author.keyboard.press('Enter');
    await author.locator('.cm .cm', { hasText: 'Added to the goal.' }).waitFor();
  });
  await step('a link for anyone is made, and the embed plays in a page of another origin', async () => {
    const { page } = it.leena;
    await page.getByRole('button', { name: /^Share/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: /Anyone with the link/ }).check();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const html = await dialog.getByLabel('Embed', { exact: true }).inputValue();
    it.shared = await dialog.getByLabel('Link', { exact: true }).inputValue();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'watch-share');
    await page.keyboard.press('Escape');
    const wiki = await steps.stranger(html);
    try {
      const other = await person(it.browser, wiki.url);
      await other.page.goto(wiki.url);
      const frame = other.page.frameLocator('iframe');
      await frame.locator('twotake-player').waitFor({ state: 'attached' });
      await frame.getByRole('button', { name: /Play/ }).first().click();
      await other.page.waitForTimeout(500);
      const inner = other.page.frames().find((one) => one.url().includes('/embed/'));
      await inner.waitForFunction(() => document.querySelector('twotake-player').currentTime > 0.5, undefined, { timeout: 60_000 });
      await other.context.close();
    } finally {
      wiki.close();
    }
  });
  await step('a stranger sees the shared video, and nothing of an unshared one', async () => {
    const { page, context } = await person(it.browser, it.server.url);
    await page.goto(new URL(it.shared).pathname);
    await page.locator('twotake-player').waitFor({ state: 'attached' });
    await page.goto(new URL(it.link).pathname);
    assert.ok(!(await page.content()).includes('Calibration'), 'the neutral page names nothing');
    assert.deepEqual(await audit(page), []);
    await context.close();
  });
}

async function looks(step, it) {
  const watch = new URL(it.link).pathname;
  const pages = [
    ['home', '/', it.leena], ['goals', '/goals?period=month', it.leena], ['goal', it.goal, it.leena], ['check-ins', '/check-ins', it.leena], ['check-in', it.checkIn, it.ingrid],
    ['library', '/library', it.leena], ['watch', watch, it.ingrid], ['channels', '/channels', it.leena], ['channel', '/channels/announcements', it.leena], ['record', '/record', it.leena],
    ['people', '/admin', it.ingrid], ['units', '/admin/units', it.ingrid], ['organisation', '/admin/organisation', it.ingrid], ['trail', '/admin/trail', it.ingrid], ['away', '/away', it.leena], ['post', it.post, it.leena], ['project', it.project, it.ingrid], ['settings', '/settings', it.leena],
    ['check-ins-review', '/check-ins?view=review', it.ingrid], ['check-ins-all', '/check-ins?view=all', it.ingrid], ['library-all', '/library?whose=all', it.ingrid], ['inbox-duties', '/inbox', it.leena],
    ['scoreboard-person', '/scoreboard?scope=person', it.leena], ['scoreboard-manager', '/scoreboard?scope=manager', it.ingrid], ['scoreboard-division', '/scoreboard?scope=division', it.leena],
    ['people-all', '/people', it.leena], ['search-empty', '/search', it.leena], ['search-none', '/search?q=nothing+like+this', it.leena],
  ];
  for (const [name, path, who] of pages) {
    await step(`${name} looks right in three looks, and axe finds nothing serious`, async () => {
      assert.ok(path, 'an earlier step did not get there');
      await who.page.goto(path);
      await who.page.getByRole('heading', { level: 1 }).first().waitFor();
      await shoot(who.page, name);
      assert.equal(await who.page.getByText('This did not load').count(), 0);
      assert.deepEqual(await audit(who.page), []);
    });
  }
  await step('an address that leads nowhere says so, and which way is home', async () => {
    const { page, context, errors } = await person(it.browser, it.server.url);
    await page.goto('/nothing/here');
    await page.getByRole('heading', { level: 1, name: 'There is nothing here' }).waitFor();
    await page.getByRole('link', { name: 'Go home' }).waitFor();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'nothing');
    // Of this one the router itself logs that it knows no such page.
    assert.ok(errors.every((error) => /Not found: \/nothing\/here/.test(error)), String(errors));
    await context.close();
  });
  await step('the keys go places, and ? says which', async () => {
    const { page } = it.leena;
    await page.goto('/goals');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(/\/check-ins/);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    assert.deepEqual(await audit(page), []);
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
  await step('nothing is wider than a phone of 320 pixels', async () => {
    const { page } = it.leena;
    await page.setViewportSize({ width: 320, height: 700 });
    for (const path of ['/', '/goals', it.goal, '/check-ins', it.checkIn, watch, '/channels/announcements', '/library', '/settings', '/away', '/channels', '/record'].filter(Boolean)) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
    }
  });
}
