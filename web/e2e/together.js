// What people do beside the main job: channels for some, long threads, reactions that stay, days away, units that go; and the
// main job with the keyboard alone.
import assert from 'node:assert/strict';
import { audit, person, shoot } from './browser.js';
import * as steps from './steps.js';

const { ask } = steps;

export async function together(step, it) {
  await channel(step, it);
  await talk(step, it);
  await administration(step, it);
  await keyboard(step, it);
}

async function channel(step, it) {
  const { page } = it.ingrid;
  await step('a guest sees the project channel they were added to, and nothing else', async () => {
    const link = await steps.invite(page, 'Sofia Guest', 'sofia@agency.example', 'Guest');
    const sofia = await person(it.browser, it.server.url);
    await steps.join_(sofia.page, link);
    await page.goto('/channels');
    await page.getByRole('button', { name: 'New project channel' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Harbour');
    await dialog.getByLabel('Who reads it').selectOption('selected');
    await dialog.getByRole('checkbox', { name: /Sofia Guest/ }).check();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'channel-new');
    await dialog.getByRole('button', { name: 'Make the channel' }).click();
    await page.getByRole('heading', { level: 1, name: 'Harbour' }).waitFor();
    it.project = new URL(page.url()).pathname;
    await sofia.page.goto('/channels');
    await sofia.page.getByRole('heading', { level: 1 }).waitFor();
    const seen = sofia.page.getByRole('main').getByRole('heading', { level: 3 });
    await seen.first().waitFor();
    assert.deepEqual(await seen.allTextContents(), ['Harbour']);
    await sofia.context.close();
    await it.leena.page.goto(it.project);
    await it.leena.page.getByText('There is no such channel').or(it.leena.page.getByText('There is nothing here')).first().waitFor();
  });
  await step('people are added to it and taken out of it, and it is changed', async () => {
    await page.goto(it.project);
    const open = async (item) => {
      await page.getByRole('button', { name: 'More about this channel' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      return page.getByRole('dialog');
    };
    const dialog = await open('People');
    await dialog.getByLabel('Person to add').selectOption({ label: 'Leena Koskela' });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('button', { name: 'Take Leena Koskela out' }).waitFor();
    assert.deepEqual(await audit(page), []);
    await shoot(page, 'channel-people');
    await dialog.getByRole('button', { name: 'Take Sofia Guest out' }).click();
    await dialog.getByRole('button', { name: 'Take Sofia Guest out' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    const change = await open('Change the channel');
    await change.getByLabel('What it is for').fill('The harbour trial, until March.');
    await change.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The harbour trial, until March.').waitFor();
    await it.leena.page.goto(it.project);
    await it.leena.page.getByRole('heading', { level: 1, name: 'Harbour' }).waitFor();
  });
}

async function talk(step, it) {
  const { page } = it.leena;
  await step('a thread of sixty comments is read from its end to its beginning', async () => {
    const { id } = await ask(page, 'GET', `/api/recordings/${it.link.split('/').pop()}`);
    const before = await ask(page, 'GET', `/api/recordings/${id}/comments`);
    for (let n = 1; n <= 60; n += 1) await ask(page, 'POST', `/api/recordings/${id}/comments`, { body: `Thought number ${n}` });
    await page.goto(new URL(it.link).pathname);
    await page.getByText('Thought number 60', { exact: true }).waitFor();
    const all = page.locator('.talk .thread > .cm:not(.cm .cm)');
    assert.equal(await page.getByText('Thought number 1', { exact: true }).count(), 0);
    await page.getByRole('button', { name: 'Show earlier comments' }).click();
    await page.getByText('Thought number 1', { exact: true }).waitFor();
    assert.equal(await all.count(), 60 + before.items.length);
    assert.equal(await page.getByRole('button', { name: 'Show earlier comments' }).count(), 0);
  });
  await step('a reaction to a goal, a check-in and a video is there after a reload', async () => {
    for (const path of [it.goal, it.checkIn, new URL(it.link).pathname]) {
      await page.goto(path);
      const reactions = page.getByRole('group', { name: 'Reactions' }).first();
      await reactions.getByRole('button', { name: 'Add a reaction' }).click();
      const saved = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().includes('/reactions/'));
      await reactions.getByRole('button', { name: 'Well done' }).click();
      assert.equal((await saved).status(), 204);
      await page.reload();
      await page.getByRole('button', { name: 'Well done, 1, yours included' }).first().waitFor();
    }
  });
}

async function administration(step, it) {
  await step('days away are entered, refused when they end before they begin, and taken back', async () => {
    const { page } = it.leena;
    await page.goto('/away');
    await page.getByText('Everyone is here').waitFor();
    assert.deepEqual(await audit(page), []);
    await page.getByLabel('First day').fill('2030-03-04');
    await page.getByLabel('Last day').fill('2031-03-08');
    await page.getByLabel(/A line for everyone/).fill('Walking the coast');
    await page.getByRole('button', { name: 'Enter', exact: true }).click();
    await page.getByText('At most a year at once').first().waitFor();
    assert.equal(await page.getByLabel(/A line for everyone/).inputValue(), 'Walking the coast');
    await page.getByLabel('Last day').fill('2030-03-08');
    await page.getByRole('button', { name: 'Enter', exact: true }).click();
    await page.getByText('Walking the coast').waitFor();
    await shoot(page, 'away');
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Everyone is here').waitFor();
  });
  await step('a unit is made, keeps standing while somebody is in it, and goes when it is empty', async () => {
    const { page } = it.ingrid;
    await page.goto('/admin/units');
    await page.getByRole('button', { name: 'New unit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Probes');
    await page.getByRole('dialog').getByLabel('Kind').selectOption('team');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Change Probes' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New member').selectOption({ label: 'Leena Koskela' });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('button', { name: 'Take Leena Koskela out' }).waitFor();
    await dialog.getByRole('button', { name: 'Delete the unit' }).click();
    await dialog.getByText(/Probes still holds 1 person/).waitFor();
    assert.deepEqual(await audit(page), []);
    await dialog.getByRole('button', { name: 'Take Leena Koskela out' }).click();
    await dialog.getByRole('button', { name: 'Take Leena Koskela out' }).waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Delete the unit' }).click();
    await page.getByRole('button', { name: 'Change Probes' }).waitFor({ state: 'detached' });
  });
  await step('the trail tells the administrator who changed what, and nobody else', async () => {
    const { page } = it.ingrid;
    await page.goto('/admin/trail');
    await page.getByText('Unit: deleted').first().waitFor();
    const rows = page.locator('.trail > li');
    for (let had = -1; had < (await rows.count()) && (await page.getByText('Organisation: created').count()) === 0; ) {
      had = await rows.count();
      await page.getByRole('button', { name: 'Show earlier changes' }).click();
      await page.waitForFunction((n) => document.querySelectorAll('.trail > li').length > n, had);
    }
    await page.getByText('Organisation: created').waitFor();
    await it.leena.page.goto('/admin/trail');
    await it.leena.page.getByText('This did not load').waitFor();
  });
}

async function keyboard(step, it) {
  const { page } = it.leena;
  await step('a take is recorded and kept, a file chosen and a comment written with the keyboard alone', async () => {
    await page.goto('/record');
    await page.getByText('What do you want to show?').waitFor();
    await steps.tabTo(page, /^Camera$/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Start recording' }).and(page.locator(':enabled')).waitFor();
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Stop recording' }).waitFor();
    await page.waitForTimeout(1500);
    await page.keyboard.press('s');
    await page.getByLabel('Link, ready to paste anywhere').waitFor();
    await steps.tabTo(page, /^Title/);
    await page.keyboard.type('By keys alone');
    await steps.tabTo(page, /^Keep this take$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'By keys alone' }).waitFor({ timeout: 180_000 });
    await typedAhead(page, 'By keys alone', 'Said without a mouse');
    await page.keyboard.press('Enter');
    await page.locator('.cm', { hasText: 'Said without a mouse' }).waitFor();
    // Heard from before the page is there: the browser must know in time that somebody answers its chooser.
    const chooser = page.waitForEvent('filechooser');
    await page.goto('/library');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await steps.tabTo(page, /^Upload$/);
    assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Upload');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(it.video);
    await page.getByRole('region', { name: 'Uploads' }).getByText(/Ready to watch/).waitFor({ timeout: 180_000 });
  });
}

// The part of the page with the comments comes late: what is typed after the key lands in its field all the same, and none of it is
// taken for a shortcut ("s" would share).
async function typedAhead(page, title, words) {
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/_app/immutable/chunks/*.js', async (route) => {
    const chunk = await page.request.get(route.request().url());
    if ((await chunk.text()).includes('Add a comment at')) await held;
    await route.continue();
  });
  const field = page.getByLabel(/^Add a comment at/);
  try {
    // A page that the server writes waits for this part; one that is gone to does not.
    await page.goto('/library');
    await page.getByRole('link', { name: title }).first().waitFor();
    await steps.tabTo(page, new RegExp(`^${title}`));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Share/ }).waitFor();
    await page.keyboard.press('t');
    await page.keyboard.type(words.slice(0, 5));
    assert.equal(await field.count(), 0, 'the field is not there yet');
  } finally {
    release();
  }
  await field.and(page.locator(':focus')).waitFor();
  await page.keyboard.type(words.slice(5));
  assert.equal(await field.inputValue(), words);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.unrouteAll({ behavior: 'wait' });
}
