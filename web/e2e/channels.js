// A post's whole life with three people: drafted, scheduled, published by itself, mentioned in, acknowledged by all but one,
// corrected, retracted. The comments under it are settled, filtered and closed.
import assert from 'node:assert/strict';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

const { ask } = steps;

export async function channels(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const [ingrid, leena, kofi] = [await person(browser, server.url), await person(browser, server.url), await person(browser, server.url)];
    const it = { server, browser, ingrid, leena, kofi };
    await step('three people, and a division with its five channels', () => company(it));
    await step('a mention is found with the keyboard alone', () => mention(it));
    await step('what was typed survives a reload, and is kept as a draft that only its author sees', () => draft(it));
    await step('the draft is scheduled, in a zone of one’s choice, and the server publishes it by itself after a restart', () => schedule(it));
    await step('all but one acknowledge; its author sees who is missing', () => acknowledge(it));
    await step('it is pinned until a day, and stands on top', () => pin(it));
    await step('a comment is settled, filtered and opened again', () => settle(it));
    await step('a correction is marked, and shows what came and went', () => correct(it));
    await step('a retraction leaves who, when and why; the comments stay and are closed', () => retract(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual([...ingrid.errors, ...leena.errors, ...kofi.errors], []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function company(it) {
  const { page } = it.ingrid;
  await steps.setUp(page, it.server.setup);
  await steps.join_(it.leena.page, await steps.invite(page, 'Leena Koskela', 'leena@tidemark.example'));
  await steps.join_(it.kofi.page, await steps.invite(page, 'Kofi Antwi', 'kofi@tidemark.example'));
  await ask(page, 'POST', '/api/units', { kind: 'division', name: 'Field' });
  await page.goto('/channels');
  await page.getByRole('region', { name: 'Field' }).getByRole('link', { name: 'Recognition' }).first().waitFor();
}

async function mention(it) {
  const { page } = it.ingrid;
  await page.goto('/channels/announcements');
  await page.getByRole('button', { name: 'Write' }).click();
  it.form = page.getByRole('form', { name: 'New post in Announcements' });
  await it.form.getByLabel('Title').fill('Winter on-call starts Monday');
  const text = it.form.getByLabel('Text');
  await text.fill('Four people instead of six. ');
  await text.pressSequentially('@k');
  const list = page.getByRole('listbox', { name: 'Whom to mention' });
  await list.getByRole('option', { name: /Kofi Antwi/ }).waitFor();
  assert.equal(await text.getAttribute('aria-activedescendant'), await list.getByRole('option').first().getAttribute('id'));
  await page.keyboard.press('Enter');
  await text.pressSequentially('knows the vans, @');
  await list.getByRole('option', { name: /Everybody in Announcements/ }).waitFor();
  await shoot(page, 'channel-mention');
  assert.deepEqual(await audit(page), []);
  await text.focus();
  await page.keyboard.press('End');
  await text.pressSequentially('f');
  await list.getByRole('option', { name: /Field/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'detached' });
  await text.pressSequentially('ield too.');
  assert.equal(await text.inputValue(), 'Four people instead of six. @kofi knows the vans, @field too.');
}

async function draft(it) {
  const { page } = it.ingrid;
  await page.waitForFunction(() => Object.entries(localStorage).some(([key, value]) => key.includes(':post:new:') && value.includes('vans')));
  await page.reload();
  await page.getByRole('button', { name: 'Write' }).click();
  await it.form.getByText('This is what you typed before.').waitFor();
  assert.match(await it.form.getByLabel('Text').inputValue(), /@kofi knows the vans/);
  await it.form.getByLabel('Ask everyone to acknowledge').check();
  await it.form.getByRole('button', { name: 'Save as a draft' }).click();
  await page.getByRole('region', { name: 'Your unpublished posts' }).getByText('Winter on-call starts Monday').first().waitFor();
  await shoot(page, 'channel-draft');
  assert.deepEqual(await audit(page), []);
  await it.kofi.page.goto('/channels/announcements');
  await it.kofi.page.getByText('No posts yet').waitFor();
}

async function schedule(it) {
  const { page } = it.ingrid;
  await page.getByRole('button', { name: /^Go on writing/ }).click();
  await page.getByRole('button', { name: 'Later' }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish it later' });
  await dialog.getByLabel('Time zone').selectOption('Africa/Abidjan');
  await dialog.getByLabel('Day and time').fill('2020-01-01T09:00');
  await dialog.getByRole('button', { name: 'Schedule' }).click();
  await dialog.getByText(/That time has passed/).waitFor();
  await shoot(page, 'channel-schedule');
  assert.deepEqual(await audit(page), []);
  // The next whole minute that is still ahead when the server reads it.
  const soon = new Date(Date.now() + 75_000).toISOString().slice(0, 16);
  await dialog.getByLabel('Day and time').fill(soon);
  await dialog.getByRole('button', { name: 'Schedule' }).click();
  await page.getByText('Scheduled', { exact: true }).waitFor();
  await it.server.kill();
  await it.server.again();
  const found = async () => (await ask(it.kofi.page, 'GET', '/api/channels/announcements/posts')).items[0];
  for (const until = Date.now() + 200_000; !(it.post = await found()) && Date.now() < until; ) await new Promise((done) => setTimeout(done, 1000));
  assert.ok(it.post, 'the server has published it');
  assert.ok(it.post.published_at >= new Date(`${soon}Z`).toISOString().slice(0, 16), `${it.post.published_at}, not before ${soon}`);
  assert.deepEqual(it.post.acknowledgement, { asked: 2, done: 0, mine: 'asked' });
  assert.match(it.post.body_html, /class="mention"[^>]*>@kofi<\/a>/);
}

async function acknowledge(it) {
  const { page } = it.leena;
  await page.goto('/channels/announcements');
  const post = page.getByRole('article');
  await post.getByText('2 of 2 left').waitFor();
  assert.equal(await post.getByRole('button', { name: 'Who is missing' }).count(), 0);
  await post.getByRole('button', { name: 'I have read this' }).click();
  await post.getByText('You acknowledged').first().waitFor();
  await shoot(page, 'channel-acknowledged');
  assert.deepEqual(await audit(page), []);
  await it.ingrid.page.goto('/channels/announcements');
  const hers = it.ingrid.page.getByRole('article');
  await hers.getByText('1 of 2 left').waitFor();
  await hers.getByRole('button', { name: 'Who is missing' }).click();
  const missing = hers.getByRole('region', { name: 'Acknowledgements' });
  await missing.getByText('Kofi Antwi').waitFor();
  assert.equal(await missing.getByText('Leena Koskela').count(), 0);
  await steps.join_((it.hana = await person(it.browser, it.server.url)).page, await steps.invite(it.ingrid.page, 'Hana Okabe', 'hana@tidemark.example'));
  await it.hana.page.goto('/channels/announcements');
  await it.hana.page.getByText(/You came later/).waitFor();
  await it.ingrid.page.goto(`/posts/${it.post.id}`);
  await it.ingrid.page.getByRole('button', { name: 'Who is missing' }).click();
  await missing.getByText('Came later').waitFor();
  await missing.getByText('Hana Okabe').waitFor();
  await shoot(it.ingrid.page, 'channel-missing');
  assert.deepEqual(await audit(it.ingrid.page), []);
}

async function pin(it) {
  const { page } = it.ingrid;
  await ask(page, 'POST', '/api/channels/announcements/posts', { title: 'A later post' });
  await page.goto('/channels/announcements');
  const post = page.getByRole('article').filter({ hasText: 'Winter on-call' });
  await post.getByRole('button', { name: 'More about this post' }).click();
  await page.getByRole('menuitem', { name: 'Pin' }).click();
  await page.getByRole('dialog', { name: 'Pin this post' }).getByRole('button', { name: 'Pin', exact: true }).click();
  await post.getByText(/^Until/).waitFor();
  await page.reload();
  await page.getByRole('article').nth(1).waitFor();
  assert.match(await page.getByRole('article').first().innerText(), /Winter on-call/);
}

async function settle(it) {
  const kofi = it.kofi.page;
  await kofi.goto(`/posts/${it.post.id}`);
  for (const said of ['Does the Tromsø van count?', 'The restart guide saved me.']) {
    await kofi.getByLabel('Answer under this post').fill(said);
    await kofi.keyboard.press('Enter');
    await kofi.getByText(said).waitFor();
  }
  const { page } = it.ingrid;
  await page.goto(`/posts/${it.post.id}`);
  const question = page.getByRole('listitem').filter({ hasText: 'Does the Tromsø van' });
  await question.getByRole('button', { name: 'Settle' }).click();
  await page.getByText(/Settled by Ingrid Solvang/).waitFor();
  assert.equal(await page.getByText('Does the Tromsø van').count(), 0, 'what is settled is folded');
  const which = page.getByRole('group', { name: 'Which comments' });
  await which.getByRole('button', { name: 'Open' }).click();
  await page.getByText('The restart guide').waitFor();
  await page.getByText(/Settled by/).waitFor({ state: 'detached' });
  await which.getByRole('button', { name: 'Settled' }).click();
  await page.getByText('The restart guide').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await shoot(page, 'channel-settled');
  assert.deepEqual(await audit(page), []);
  await page.getByRole('button', { name: 'Reopen' }).click();
  await which.getByRole('button', { name: 'Open' }).click();
  await page.getByText('Does the Tromsø van').waitFor();
}

async function correct(it) {
  const { page } = it.ingrid;
  await page.getByRole('button', { name: 'More about this post' }).click();
  await page.getByRole('menuitem', { name: 'Correct' }).click();
  const form = page.getByRole('form', { name: 'Correct the post' });
  await form.getByLabel('Text').fill('Five people instead of six. @kofi knows the vans, @field too.');
  await form.getByRole('button', { name: 'Save the correction' }).click();
  await page.getByText('Five people instead of six.').waitFor();
  const kofi = it.kofi.page;
  await kofi.goto(`/posts/${it.post.id}`);
  await kofi.getByRole('button', { name: /^Edited/ }).click();
  const dialog = kofi.getByRole('dialog', { name: 'What this post said' });
  await dialog.locator('ins', { hasText: 'Five' }).waitFor();
  assert.equal(await dialog.locator('del').first().innerText(), 'Four');
  await shoot(kofi, 'channel-revisions');
  assert.deepEqual(await audit(kofi), []);
  await kofi.keyboard.press('Escape');
}

async function retract(it) {
  const { page } = it.ingrid;
  await page.getByRole('button', { name: 'More about this post' }).click();
  await page.getByRole('menuitem', { name: 'Retract' }).click();
  const dialog = page.getByRole('dialog', { name: 'Retract this post?' });
  await dialog.getByLabel('Why, in a line').fill('The rota was last year’s.');
  await shoot(page, 'channel-retract');
  assert.deepEqual(await audit(page), []);
  await dialog.getByRole('button', { name: 'Retract', exact: true }).click();
  await page.getByText(/Ingrid Solvang retracted this post/).waitFor();
  const kofi = it.kofi.page;
  await kofi.goto('/channels/announcements');
  await kofi.getByText('The rota was last year’s.').waitFor();
  await kofi.getByText('The restart guide saved me.').waitFor();
  await kofi.getByText('The comments are closed.').waitFor();
  assert.equal(await kofi.getByText('Winter on-call').count(), 0);
  await shoot(kofi, 'channel-retracted');
  assert.deepEqual(await audit(kofi), []);
}
