// Captions by hand: a file is added beside the video, a bad one says its line and loses nothing, cues are changed, the player shows
// them, and a word that is said finds its second.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

const folder = mkdtempSync(join(tmpdir(), 'twotake-captions-'));
const file = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

export async function captions(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const it = { server, browser, ...(await person(browser, server.url)) };
    await step('a video to write captions for', () => video(it));
    await step('a file with a bad line says which, and what was chosen is still there', () => refused(it));
    await step('captions are added, and the player shows them', () => added(it));
    await step('c turns them off, and the next video remembers', () => off(it));
    await step('they are changed cue by cue with the keyboard', () => changed(it));
    await step('what is said finds the video at its second', () => found(it));
    await step('a stranger sees them by a link', () => shared(it));
    await step('they are deleted, and brought back', () => deleted(it));
    await step('on a phone and in the dark', () => looks(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual(it.errors.filter((text) => !/422/.test(text)), []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

const panel = (page) => page.locator('section.captions');
const cap = (page) => page.evaluate(() => document.querySelector('twotake-player').shadowRoot.querySelector('.cap').textContent);

async function open(page) {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Captions' }).click();
  await panel(page).getByRole('heading', { name: 'Captions', exact: true }).waitFor();
}

/** Plays until the player shows these words. */
async function shows(page, words) {
  await page.waitForFunction((text) => document.querySelector('twotake-player')?.shadowRoot.querySelector('.cap').textContent === text, words, { timeout: 30_000 });
}

async function video(it) {
  const { page } = it;
  await steps.setUp(page, it.server.setup);
  await page.goto('/library');
  await page.getByLabel('Choose videos').setInputFiles(steps.video('crane.mp4', 12));
  const uploads = page.getByRole('region', { name: 'Uploads' });
  await uploads.getByText(/Ready to watch/).waitFor({ timeout: 180_000 });
  it.path = await uploads.getByRole('link', { name: 'Watch' }).getAttribute('href');
  await uploads.getByRole('button', { name: /^Dismiss/ }).click();
  await page.goto(it.path);
}

async function refused(it) {
  const { page } = it;
  await open(page);
  await panel(page).getByLabel('Add a file').setInputFiles(file('crane.fi.vtt', 'WEBVTT\n\n00:00.000 --> 00:0x.000\nNosturi\n'));
  assert.equal(await panel(page).getByLabel('Language').inputValue(), 'fi');
  await panel(page).getByRole('button', { name: 'Save captions' }).click();
  await panel(page).getByText('Line 3: “00:0x.000” is not a time.').waitFor();
  const area = panel(page).getByLabel('Captions', { exact: true });
  assert.equal(await area.getAttribute('aria-invalid'), 'true');
  const marked = await area.evaluate((node) => node.value.slice(node.selectionStart, node.selectionEnd));
  assert.equal(marked, '00:00.000 --> 00:0x.000');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'captions-refused');
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
}

async function added(it) {
  const { page } = it;
  const text = '\uFEFF1\r\n00:00:00,000 --> 00:00:06,000\r\nGood morning from the quay\r\n\r\n2\r\n00:00:06,000 --> 00:00:12,000\r\nThe <font color=red>crane</font> is back\r\n';
  await panel(page).getByLabel('Add a file').setInputFiles(file('crane.en.srt', text));
  await panel(page).getByRole('button', { name: 'Save captions' }).click();
  await panel(page).getByText('English').waitFor();
  await panel(page).getByText('2 cues').waitFor();
  assert.deepEqual(await audit(page), []);
  await page.locator('twotake-player .pill').click();
  await shows(page, 'Good morning from the quay');
  await shoot(page, 'captions-shown');
}

async function off(it) {
  const { page } = it;
  await page.locator('twotake-player .p').focus();
  await page.keyboard.press('c');
  await shows(page, '');
  const button = page.locator('twotake-player [data-do="captions"]');
  assert.equal(await button.getAttribute('aria-pressed'), 'false');
  await page.reload();
  await page.locator('twotake-player .pill').click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.5);
  assert.equal(await cap(page), '');
  await page.locator('twotake-player .p').focus();
  await page.keyboard.press('c');
  await shows(page, 'Good morning from the quay');
  await page.keyboard.press('k');
}

async function changed(it) {
  const { page } = it;
  await open(page);
  await panel(page).getByRole('button', { name: 'Edit the English captions' }).click();
  const begins = panel(page).getByLabel('Cue 2 begins');
  await begins.fill('later');
  await panel(page).getByLabel('Words of cue 2').fill('The crane is back\nand the harbour opens');
  await page.keyboard.press('Control+a');
  await panel(page).getByRole('button', { name: 'Save captions' }).focus();
  await page.keyboard.press('Enter');
  await panel(page).getByText('“later” is not a time.').waitFor();
  assert.ok(await begins.evaluate((node) => node === document.activeElement), 'the focus is where the trouble is');
  assert.equal(await panel(page).getByLabel('Words of cue 2').inputValue(), 'The crane is back\nand the harbour opens');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'captions-cues');
  await begins.fill('0:05');
  await page.reload();
  await open(page);
  await panel(page).getByRole('button', { name: 'Edit the English captions' }).click();
  await panel(page).getByText('What you had typed and not saved is here again.').waitFor();
  assert.equal(await begins.inputValue(), '0:05');
  await panel(page).getByRole('button', { name: 'Add below cue 2' }).click();
  await page.keyboard.type('Thanks');
  await panel(page).getByRole('button', { name: 'Remove cue 3' }).click();
  await panel(page).getByRole('button', { name: 'Save captions' }).click();
  await page.getByText('Saved: 2 cues in English').waitFor();
  await page.locator('twotake-player .pill').click();
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.2);
  await page.locator('twotake-player .p').focus();
  await page.keyboard.press('5');
  await shows(page, 'The crane is back\nand the harbour opens');
}

async function found(it) {
  const { page } = it;
  await page.goto('/search?q=harbour');
  const hit = page.getByRole('link', { name: /At 0:05 in/ });
  await hit.waitFor();
  await page.getByRole('heading', { level: 2, name: 'Said in videos' }).waitFor();
  assert.equal(await hit.locator('mark').first().textContent(), 'harbour');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'captions-search');
  await hit.click();
  await page.waitForURL(/\/w\/\w+\?t=5$/);
  await page.locator('twotake-player .pill').click();
  await page.waitForFunction(() => document.querySelector('video').currentTime >= 5);
  await shows(page, 'The crane is back\nand the harbour opens');
}

async function shared(it) {
  const { page } = it;
  const { id } = await steps.ask(page, 'GET', `/api/recordings/${it.path.split('/').pop()}`);
  it.id = id;
  const link = await steps.ask(page, 'POST', `/api/recordings/${id}/share-links`, { audience: 'link' });
  const stranger = await person(it.browser, it.server.url);
  await stranger.page.goto(link.url);
  await stranger.page.locator('.pill').click();
  await shows(stranger.page, 'Good morning from the quay');
  await stranger.page.goto(link.embed_url);
  await stranger.page.locator('.cover').click();
  await shows(stranger.page, 'Good morning from the quay');
  await stranger.page.goto(it.path);
  assert.equal((await stranger.page.content()).includes('.vtt'), false);
  assert.deepEqual(stranger.errors, []);
  await stranger.context.close();
}

async function deleted(it) {
  const { page } = it;
  await page.goto(it.path);
  await open(page);
  await panel(page).getByRole('button', { name: 'Delete the English captions' }).click();
  await panel(page).getByText('None yet.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await panel(page).getByText('2 cues').waitFor();
}

async function looks(it) {
  const { page } = it;
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await panel(page).getByRole('button', { name: 'Edit the English captions' }).click();
  await panel(page).getByLabel('Words of cue 1').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, 'nothing is wider than the phone');
  await shoot(page, 'captions-phone');
}
