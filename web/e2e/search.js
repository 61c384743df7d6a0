// Search and people: found from anywhere with the keyboard alone, kept in the address, only what one may see; many invited by a list, the
// chart, somebody who leaves and comes back.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

const { ask } = steps;

export async function search(step) {
  const server = await startServer();
  const browser = await openBrowser();
  try {
    const ingrid = await person(browser, server.url);
    const sofia = await person(browser, server.url);
    const it = { server, browser, ingrid, sofia };
    await step('things to find, and a guest', () => things(it));
    await step('/ opens the search; what is typed is found, walked and opened with the keyboard alone', () => dialog(it));
    await step('older questions are called off, and nothing is a mistake', () => typing(it));
    await step('the page of search keeps its question in the address', () => onPage(it));
    await step('a comment that was found is brought into view and marked, however far back it stands', () => comment(it));
    await step('a guest finds the project channel and nothing else', () => guest(it));
    await step('many are invited by a list: every line is shown first, and links are downloaded', () => list(it));
    await step('the chart opens level by level with the keyboard', () => chart(it));
    await step('somebody leaves, what is open goes on, and comes back with them', () => leave(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual([...ingrid.errors, ...sofia.errors], []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function things(it) {
  const { page } = it.ingrid;
  await steps.setUp(page, it.server.setup);
  await steps.join_(it.sofia.page, await steps.invite(page, 'Sofia Guest', 'sofia@agency.example', 'Guest'));
  const guest = (await ask(page, 'GET', '/api/people?limit=100')).items.find((one) => one.role === 'guest');
  const channel = await ask(page, 'POST', '/api/channels', { name: 'Harbour works', audience: 'selected', members: [guest.id] });
  await ask(page, 'POST', `/api/channels/${channel.slug}/posts`, { title: 'Harbour works begin', body: 'The **crane** comes on Monday.' });
  const post = await ask(page, 'POST', '/api/channels/general/posts', { title: 'The harbour crane is back', body: 'Thanks to everyone who held the ropes while the harbour was closed. <b>Really.</b>' });
  await ask(page, 'POST', `/api/posts/${post.id}/comments`, { body: 'Which harbour crane, north or south?' });
  it.post = post.id;
  const today = new Date().toISOString().slice(0, 10);
  await ask(page, 'POST', '/api/goals', { scope: 'individual', period_kind: 'month', period_start: today, title: 'Reopen the harbour' });
}

async function dialog(it) {
  const { page } = it.ingrid;
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('/');
  const box = page.getByRole('combobox', { name: 'Search' });
  await box.waitFor();
  await page.keyboard.type('HARBOUR cra');
  const options = page.getByRole('listbox', { name: 'Results' }).getByRole('option');
  await options.first().waitFor();
  assert.equal(await options.count(), 3);
  assert.equal(await page.locator('.find-dlg mark').first().textContent(), 'harbour');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'search-dialog');
  const active = () => box.evaluate((input) => document.getElementById(input.getAttribute('aria-activedescendant'))?.getAttribute('href'));
  const first = await active();
  await page.keyboard.press('ArrowDown');
  const second = await active();
  assert.notEqual(first, second);
  await page.keyboard.press('ArrowUp');
  assert.equal(await active(), first);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/posts\/[0-9a-f-]{36}$/);
  await page.getByRole('heading', { level: 1, name: 'The harbour crane is back' }).waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  // As fast as keys can come: no `/` after an Esc is lost.
  for (let again = 0; again < 20; again++) {
    await page.keyboard.press('/');
    await box.waitFor();
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'hidden' });
  }
}

async function typing(it) {
  const { page } = it.ingrid;
  const asked = [];
  page.on('request', (request) => request.url().includes('/api/search') && asked.push(new URL(request.url()).searchParams.get('q')));
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Search' }).waitFor();
  await page.keyboard.type('harbour', { delay: 15 });
  await page.getByRole('option').first().waitFor();
  assert.ok(asked.length < 4, `asked ${asked.length} times`);
  assert.equal(asked.at(-1), 'harbour');
  for (const odd of ['"', 'NEAR(', "'; --", '***', '%']) {
    await page.getByRole('combobox', { name: 'Search' }).fill(odd);
    await page.getByText('Nothing you may see has all of these words').waitFor();
  }
  await page.getByRole('combobox', { name: 'Search' }).fill('nothing like this');
  await page.getByText('Nothing you may see has all of these words').waitFor();
  await page.keyboard.press('Escape');
}

async function onPage(it) {
  const { page } = it.ingrid;
  await page.goto('/search');
  await page.getByRole('searchbox', { name: 'Search' }).fill('harbour');
  await page.getByRole('heading', { level: 2, name: 'Posts' }).waitFor();
  await page.waitForURL(/q=harbour/);
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'search-page');
  await page.getByRole('navigation', { name: 'Kind' }).getByRole('link', { name: 'Goals' }).click();
  await page.getByRole('heading', { level: 2, name: 'Posts' }).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('link', { name: /Reopen the harbour/ }).waitFor();
  assert.equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), 'harbour');
}

/** A long thread: what is looked for is its first comment, settled and folded, and the last of sixty answers to it. */
async function comment(it) {
  const { page } = it.ingrid;
  const under = `/api/posts/${it.post}/comments`;
  const first = await ask(page, 'POST', under, { body: 'Who keeps the key of the slipway?' });
  for (let n = 1; n <= 59; n += 1) await ask(page, 'POST', under, { body: `Not me, says number ${n}`, parent: first.id });
  const last = await ask(page, 'POST', under, { body: 'The slipway key hangs behind the stove.', parent: first.id });
  for (let n = 1; n <= 130; n += 1) await ask(page, 'POST', under, { body: `Thought number ${n}` });
  await ask(page, 'PATCH', `/api/comments/${first.id}`, { resolved: true, revision: first.revision });
  const inView = async (id) => {
    const entry = page.locator(`#c-${id}`);
    await entry.and(page.locator('.marked:focus')).waitFor();
    await page.waitForFunction((id) => {
      const { top } = document.getElementById(`c-${id}`).getBoundingClientRect();
      return top > 0 && top < innerHeight;
    }, id);
    assert.equal(await page.locator('.cm.marked').count(), 1);
    return entry;
  };
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Search' }).waitFor();
  await page.keyboard.type('stove');
  await page.getByRole('option', { name: /behind the stove/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.hash === `#c-${last.id}`);
  const found = await inView(last.id);
  assert.match(await found.innerText(), /behind the stove/);
  assert.deepEqual(await audit(page), []);
  await inView(last.id);
  await shoot(page, 'search-comment');
  // From there to the one it answers, and to one that is gone: another address of the same page.
  await page.evaluate((id) => { location.hash = `#c-${id}`; }, first.id);
  await inView(first.id);
  const gone = await ask(page, 'POST', under, { body: 'Never mind.' });
  await ask(page, 'DELETE', `/api/comments/${gone.id}`);
  await page.goto(`/posts/${it.post}#c-${gone.id}`);
  await page.getByText('The comment that the link leads to was taken back.').waitFor();
  assert.equal(await page.locator('.cm.marked').count(), 0);
  // A link that somebody sent, opened by somebody who has to sign in first.
  const late = await person(it.browser, it.server.url);
  await late.page.goto(`/posts/${it.post}#c-${first.id}`);
  await late.page.getByLabel('E-mail address or handle').fill('ingrid@tidemark.example');
  await late.page.getByLabel('Password').fill(steps.PASSWORD);
  await late.page.getByRole('button', { name: 'Sign in' }).click();
  await late.page.locator(`#c-${first.id}.marked`).waitFor();
  assert.deepEqual(late.errors, []);
  await late.context.close();
}

async function guest(it) {
  const { page } = it.sofia;
  await page.goto('/search?q=harbour');
  await page.getByRole('heading', { level: 2, name: 'Posts' }).waitFor();
  assert.deepEqual(await page.locator('.hits b').allTextContents(), ['Harbour works begin']);
}

async function list(it) {
  const { page } = it.ingrid;
  await page.goto('/admin');
  await page.getByRole('button', { name: 'Many at once' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('List');
  await field.fill('name,email,title,manager,role\nBo Berg,bo@tidemark.example,Engineer,ingrid@tidemark.example,member\nCy Dahl,cy,Rigger,bo@tidemark.example,king');
  await dialog.getByRole('button', { name: 'Look at the list' }).click();
  await dialog.getByText('"king" is not a role: member, admin or guest.').waitFor();
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'people-list');
  await field.fill('name,email,title,manager,role\nBo Berg,bo@tidemark.example,Engineer,ingrid@tidemark.example,member\nCy Dahl,cy@tidemark.example,Rigger,bo@tidemark.example,');
  await dialog.getByRole('button', { name: 'Look at the list' }).click();
  await dialog.getByRole('button', { name: 'Make 2 links' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', { name: 'Download the links' }).click()]);
  const rows = readFileSync(await download.path(), 'utf8').trim().split('\r\n').map((row) => row.split(','));
  assert.deepEqual(rows.map((row) => row[0]), ['name', 'Bo Berg', 'Cy Dahl']);
  await page.keyboard.press('Escape');
  it.joined = {};
  for (const [name, , link] of rows.slice(1)) {
    it.joined[name] = await person(it.browser, it.server.url);
    await steps.join_(it.joined[name].page, link);
  }
}

async function chart(it) {
  const { page } = it.ingrid;
  await page.goto('/people');
  const tree = page.getByRole('tree');
  const ingrid = tree.getByRole('treeitem', { name: /Ingrid Solvang/ });
  await ingrid.focus();
  await page.keyboard.press('ArrowRight');
  await tree.getByRole('treeitem', { name: /Bo Berg/ }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await tree.getByRole('treeitem', { name: /Cy Dahl/ }).waitFor();
  assert.equal(await tree.getByRole('treeitem', { name: /Cy Dahl/ }).getAttribute('aria-level'), '3');
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'people-chart');
  await page.keyboard.press('ArrowLeft');
  await tree.getByRole('treeitem', { name: /Cy Dahl/ }).waitFor({ state: 'detached' });
  const cy = (await ask(page, 'GET', '/api/people?q=cy')).items[0];
  await page.goto(`/people?person=${cy.id}`);
  await page.waitForFunction((id) => document.activeElement?.id === `chart-${id}`, cy.id);
}

async function leave(it) {
  const { page } = it.ingrid;
  const bo = it.joined['Bo Berg'].page;
  const today = new Date().toISOString().slice(0, 10);
  await ask(bo, 'POST', '/api/goals', { scope: 'individual', period_kind: 'month', period_start: today, title: 'Splice the ropes' });
  await ask(bo, 'POST', '/api/goals', { scope: 'individual', period_kind: 'month', period_start: today, title: 'Oil the winch' });
  await page.goto('/admin');
  await page.getByRole('button', { name: 'Change Bo Berg' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Bo leaves' }).click();
  const dialog = page.getByRole('dialog', { name: 'Bo Berg leaves' });
  await dialog.getByLabel('Who goes on with Oil the winch').selectOption({ label: 'Cy Dahl' });
  assert.deepEqual(await audit(page), []);
  await shoot(page, 'people-leave');
  await dialog.getByRole('button', { name: 'Let Bo leave' }).click();
  await dialog.waitFor({ state: 'detached' });
  const owners = async () => Object.fromEntries((await ask(page, 'GET', `/api/goals?within=month&period=${today}`)).items.map((goal) => [goal.title, goal.owner.name]));
  let now = await owners();
  assert.equal(now['Splice the ropes'], 'Ingrid Solvang');
  assert.equal(now['Oil the winch'], 'Cy Dahl');
  await bo.goto('/goals');
  await bo.waitForURL(/\/signin/);
  await page.getByLabel('Show who has left').check();
  await page.getByRole('button', { name: 'Change Bo Berg' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make active again' }).click();
  await page.getByText('is back, with what was still open').waitFor();
  now = await owners();
  assert.equal(now['Splice the ropes'], 'Bo Berg');
}
