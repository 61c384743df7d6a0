// What people do, in their own words; each returns what the next ones need.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PASSWORD = 'two takes are plenty';

/** The first administrator opens the link that the server printed. */
export async function setUp(page, link) {
  await page.goto(link);
  await page.getByLabel('Organisation').fill('Tidemark');
  await page.getByLabel('Your name').fill('Ingrid Solvang');
  await page.getByLabel('Your e-mail address').fill('ingrid@tidemark.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('button', { name: 'Go to Home' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** The administrator changes what holds for everyone: check-in days, the limit in seconds. */
export async function organise(page, { everyDay = false, seconds = null }) {
  await page.goto('/admin/organisation');
  await page.getByLabel('Recording limit, seconds').waitFor();
  if (everyDay) for (const day of await page.getByRole('group', { name: 'Check-in days' }).getByRole('checkbox').all()) await day.check();
  if (seconds !== null) await page.getByLabel('Recording limit, seconds').fill(String(seconds));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
}

/** An administrator makes a link; the answer is the link. */
export async function invite(page, name, email, role = 'Member') {
  await page.goto('/admin');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('E-mail address').fill(email);
  await dialog.getByLabel('Role').selectOption({ label: role });
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = await dialog.getByLabel('Invitation link').inputValue();
  await page.keyboard.press('Escape');
  return link;
}

export async function join_(page, link) {
  await page.goto(link);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL((url) => url.pathname === '/');
}

/** A month's goal with one number; the answer is its page's path. */
export async function makeGoal(page, title) {
  await page.goto('/goals?period=month');
  await page.getByRole('button', { name: 'New goal' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill(title);
  await dialog.getByRole('button', { name: 'Add a metric' }).click();
  await dialog.getByLabel('What is measured').fill('Median minutes per probe');
  await dialog.getByLabel('Good is').selectOption('decrease');
  await dialog.getByLabel('Unit', { exact: true }).last().fill('min');
  await dialog.getByLabel('Stands at').fill('42');
  await dialog.getByLabel('Target').fill('20');
  await dialog.getByRole('button', { name: 'Make the goal' }).click();
  await page.waitForURL(/\/goals\/[0-9a-f-]{36}/);
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  return new URL(page.url()).pathname;
}

/** One take with the fake camera, or of the screen. */
export async function recordTake(page, ms, source = 'Camera') {
  await page.getByRole('button', { name: source, exact: true }).first().click();
  await page.getByRole('button', { name: 'Start recording' }).click();
  await page.getByRole('button', { name: 'Stop recording' }).waitFor();
  await page.waitForTimeout(ms);
  await page.keyboard.press('s');
}

export async function untilReady(page) {
  await page.locator('.steps', { hasText: /Ready to watch\s*(\d+p|done)/ }).waitFor({ timeout: 180_000 });
}

/** A video (or only its sound) made on the spot by what FFmpeg draws; the answer is its path. */
export function video(name, seconds, { rate = 25, picture = `testsrc2=size=640x360:rate=${rate}`, codec = ['libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] } = {}) {
  const path = join(mkdtempSync(join(tmpdir(), 'twotake-video-')), name);
  const seen = picture ? ['-f', 'lavfi', '-t', String(seconds), '-i', picture] : [];
  execFileSync('ffmpeg', ['-v', 'error', ...seen, '-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`,
    ...(picture ? ['-c:v', ...codec] : []), '-c:a', 'aac', ...(/\.(mp4|mov|m4a)$/.test(name) ? ['-movflags', '+faststart'] : []), '-shortest', path]);
  return path;
}

/** A page of somebody else's: another origin that frames what it is given. */
export async function stranger(html) {
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><title>A wiki</title><h1>A wiki</h1>${html}`));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** Presses Tab until what has the focus is called so. */
export async function tabTo(page, name) {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      return [element?.getAttribute('aria-label'), element?.textContent?.trim(), element?.labels?.[0]?.textContent?.trim()].filter(Boolean);
    });
    if (here.some((word) => name.test(word))) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

/** Asks the server from inside the page, as the person who is signed in there. */
export const ask = (page, method, path, body) => page.evaluate(async ([method, path, body]) => {
  const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}, [method, path, body]);
