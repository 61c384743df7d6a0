// Goals from Monday to the next month: a tree made, walked with the keyboard, a value noted and corrected, two people at once, what
// was typed after a reload, a goal carried over, and its clips one key apart.
import assert from 'node:assert/strict';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

const { ask } = steps;

export async function goals(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const ingrid = await person(browser, server.url);
    const leena = await person(browser, server.url);
    const it = { server, browser, ingrid, leena, today: new Date().toISOString().slice(0, 10) };
    await step('two people and a tree of goals', () => company(it));
    await step('the tree is walked, folded and opened with the keyboard alone', () => tree(it));
    await step('filters stand in the address and survive a reload', () => filters(it));
    await step('a value is noted, corrected, and both are read in the plot’s table', () => numbers(it));
    await step('what was typed survives a reload', () => draft(it));
    await step('two people change one goal: who, what it says now, and nothing typed is lost', () => conflict(it));
    await step('an unfinished goal is carried over with its history', () => carry(it));
    await step('the clip before is one key away in the player', () => clips(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual([...ingrid.errors, ...leena.errors], []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function company(it) {
  const { page } = it.ingrid;
  await steps.setUp(page, it.server.setup);
  await steps.join_(it.leena.page, await steps.invite(page, 'Leena Koskela', 'leena@tidemark.example'));
  const make = (body) => ask(page, 'POST', '/api/goals', { period_start: it.today, ...body });
  const leena = (await ask(it.leena.page, 'GET', '/api/me')).id;
  const top = await make({ title: 'A probe that any site can trust', scope: 'company', period_kind: 'quarter' });
  it.month = await make({ title: 'Calibration under 20 minutes', scope: 'division', period_kind: 'month', parent: top.id, owner: leena, metrics: [
    { name: 'Median minutes per probe', direction: 'decrease', baseline: 42, target: 20, unit: 'min' },
    { name: 'Probes that pass at once', kind: 'lag', format: 'percent', direction: 'stay_above', target: 95 }] });
  await make({ title: 'Renew 92% of sites', scope: 'company', period_kind: 'quarter' });
  it.week = await make({ title: 'Second bath off at night', scope: 'individual', period_kind: 'week', owner: leena });
  await ask(page, 'PATCH', `/api/goals/${it.month.id}`, { description: 'Every probe, on every bench, by whoever stands there.', revision: 1 });
  await ask(it.leena.page, 'POST', `/api/goals/${it.month.id}/links`, { url: 'https://tidemark.atlassian.net/wiki/spaces/CAL', title: 'How we calibrate' });
  await ask(it.leena.page, 'POST', `/api/goals/${it.month.id}/links`, { url: 'https://tidemark.atlassian.net/browse/CAL-12' });
  const points = `/api/metrics/${it.month.metrics[0].id}/points`;
  for (const [days, value] of [[20, 42], [16, 39.5], [12, 36], [7, 33], [3, 34]]) {
    await ask(it.leena.page, 'POST', points, { value, at: new Date(Date.now() - days * 86_400_000).toISOString() });
  }
}

async function tree(it) {
  const { page } = it.leena;
  await page.goto('/goals?period=quarter');
  const top = page.getByRole('link', { name: 'A probe that any site can trust' });
  const month = page.getByRole('link', { name: 'Calibration under 20 minutes' });
  await month.waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goals-tree');
  await top.focus();
  await page.keyboard.press('ArrowLeft');
  await month.waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await month.waitFor();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Calibration under 20 minutes');
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(() => document.activeElement?.textContent === 'A probe that any site can trust');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Calibration under 20 minutes');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Calibration under 20 minutes' }).waitFor();
}

async function filters(it) {
  const { page } = it.leena;
  await page.goto('/goals?period=quarter');
  await page.getByRole('link', { name: 'Mine', exact: true }).click();
  await page.getByRole('link', { name: 'Renew 92% of sites' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.waitForURL(/view=list/);
  await page.reload();
  await page.getByRole('link', { name: 'Second bath off at night' }).waitFor();
  assert.match(page.url(), /scope=mine/);
  await shoot(page, 'goals-list');
  await page.getByRole('button', { name: 'Needs a look' }).click();
  await page.getByText('Nothing needs a look').waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goals-none');
}

async function numbers(it) {
  const { page } = it.leena;
  await page.goto(`/goals/${it.month.id}`);
  await page.getByLabel('Median minutes per probe, new value').fill('13.4');
  await page.getByLabel('Note', { exact: true }).fill('Two benches, one night.');
  await page.getByRole('button', { name: 'Save Median minutes per probe' }).click();
  await page.getByText('Median minutes per probe is 13.4 min').waitFor();
  await page.getByRole('button', { name: 'Median minutes per probe', exact: true }).click();
  const table = page.getByRole('table', { name: /Values of Median minutes/ });
  await table.getByRole('button', { name: 'Correct 13.4 min' }).click();
  await page.getByLabel('It was').fill('31.4');
  await page.getByLabel('Why').fill('Typed without its first digit.');
  await page.getByRole('button', { name: 'Correct it' }).click();
  await table.getByText('corrected to 31.4 min').waitFor();
  assert.equal(await table.locator('s', { hasText: '13.4 min' }).count(), 1);
  await page.locator('.plot canvas').waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goal');
}

async function draft(it) {
  const { page } = it.leena;
  await page.goto(`/goals/${it.month.id}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Shift+E');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Description').fill('Half typed, then the battery was empty');
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('kept:') && key.includes(':goal:') && localStorage.getItem(key).includes('battery')));
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Shift+E');
  assert.equal(await dialog.getByLabel('Description').inputValue(), 'Half typed, then the battery was empty');
  await dialog.getByRole('button', { name: 'Start over' }).click();
  assert.equal(await dialog.getByLabel('Description').inputValue(), 'Every probe, on every bench, by whoever stands there.');
  assert.deepEqual(await audit(page), []);
  await page.keyboard.press('Escape');
}

async function conflict(it) {
  const { page } = it.leena;
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Shift+E');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Calibration under 19 minutes');
  const { revision } = await ask(it.ingrid.page, 'GET', `/api/goals/${it.month.id}`);
  await ask(it.ingrid.page, 'PATCH', `/api/goals/${it.month.id}`, { title: 'Calibration in a quarter of an hour', description: 'Every probe.', revision });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText(/changed this goal/).waitFor();
  await dialog.getByText('Calibration in a quarter of an hour').waitFor();
  assert.equal(await dialog.getByLabel('Title').inputValue(), 'Calibration under 19 minutes');
  assert.equal(await dialog.getByLabel('Description').inputValue(), 'Every probe.', 'what only the other one changed comes in');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goal-conflict');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Calibration under 19 minutes' }).waitFor();
}

async function carry(it) {
  const { page } = it.leena;
  it.clips = await uploaded(page, it.month.id, ['First bench', 'Second bench']);
  await page.goto(`/goals/${it.month.id}`);
  await page.getByRole('button', { name: 'More about this goal' }).click();
  await page.getByRole('menuitem', { name: 'Carry over' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note').fill('Two benches came late.');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goal-carry');
  await dialog.getByRole('button', { name: /^Carry over into/ }).click();
  await page.waitForURL((url) => url.pathname.startsWith('/goals/') && !url.pathname.endsWith(it.month.id));
  await page.getByRole('heading', { name: 'Carried over' }).waitFor();
  await page.getByText('Second bench').waitFor();
  await page.getByRole('button', { name: 'Median minutes per probe', exact: true }).click();
  await page.getByText('of the goal before').first().waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goal-carried');
}

/** Two short videos sent from the library, attached to the goal one after the other; the answer is their words in addresses. */
async function uploaded(page, goal, titles) {
  await page.goto('/library');
  await page.getByLabel('Choose videos').setInputFiles(titles.map((title) => steps.video(`${title}.mp4`, 2)));
  const ready = page.getByRole('region', { name: 'Uploads' }).getByText(/Ready to watch/);
  for (let n = 0; n < titles.length; n += 1) await ready.nth(n).waitFor({ timeout: 300_000 });
  const { items } = await ask(page, 'GET', '/api/recordings');
  const found = titles.map((title) => items.find((one) => one.title === title));
  for (const one of found) await ask(page, 'PUT', `/api/goals/${goal}/clips/${one.id}`);
  return found.map((one) => one.slug);
}

async function clips(it) {
  const { page } = it.leena;
  const goal = new URL(page.url()).pathname.split('/').pop();
  await page.goto(`/w/${it.clips[1]}?goal=${goal}`);
  await page.getByRole('link', { name: /^Clip before/ }).waitFor();
  await page.getByRole('navigation', { name: /Clips of the goal/ }).getByText(/Median minutes per probe 31.4 min/).waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'goal-clip');
  await page.keyboard.press('p');
  await page.waitForURL(new RegExp(`/w/${it.clips[0]}`));
  await page.getByText('The first clip of this goal').waitFor();
  // From within the player too, which keeps its other keys.
  await page.locator('twotake-player').first().focus();
  await page.keyboard.press('Shift+P');
  await page.waitForURL(new RegExp(`/w/${it.clips[1]}`));
}
