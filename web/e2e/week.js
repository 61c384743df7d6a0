// A week in a team of four, at the week's own time: goals on Monday, a round on Tuesday with its reviews, an announcement on
// Wednesday, on Thursday a blocker that passes up and is answered, one check-in late and one missed, the scoreboard on Friday.
// Each kind of act is done once by hand, much of it by the keyboard alone; what is the same for another person goes over the API.
import assert from 'node:assert/strict';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startClock } from './clock.js';
import { startServer } from './server.js';
import * as steps from './steps.js';

const { ask, tabTo } = steps;
const ZONE = 'Europe/Oslo';
const [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY] = ['07', '08', '09', '10', '11'];
const on = (day, time) => new Date(`2026-12-${day}T${time}:00+01:00`);
const BLOCKED = 'The thermostat of the second bath is not delivered';
const NAMES = { leena: 'Leena Koskela', omar: 'Omar Lahlou', maeve: 'Maeve Byrne' };

export async function week(step) {
  const clock = startClock(on(MONDAY, '09:00'));
  const server = await startServer(clock);
  const browser = await openBrowser();
  try {
    const it = { server, browser, clock };
    for (const name of ['ingrid', 'leena', 'omar', 'maeve']) it[name] = await person(browser, server.url, { zone: ZONE, clock });
    await step('Monday: a lead and three reports; a blocker passes up after one slot', () => team(it));
    await step('Monday: goals are set, one with the mouse, one with the keyboard alone', () => goals(it));
    await step('Tuesday: the slots open in a page that is open', () => opened(it));
    await step('Tuesday: a check-in with a recording and a blocker, by the keyboard alone', () => checkIn(it));
    await step('Tuesday: whom it asks and who reviews see it at once; three reviews in time', () => reviews(it));
    await step('Tuesday: the round plays', () => round(it));
    await step('Wednesday: an announcement, acknowledged by all but one, who is listed', () => announcement(it));
    await step('Thursday: the blocker is carried over and passes up', () => passedUp(it));
    await step('Thursday: whom it asks resolves it, and its author hears of it', () => resolved(it));
    await step('Thursday: one check-in is late, one is missed, and both stay so', () => lateAndMissed(it));
    await step('Friday: the last reviews, in time', () => friday(it));
    await step('Friday: the scoreboard tells the week as it was', () => scoreboard(it));
    await step('Friday: search finds the blocker by its words', () => search(it));
    await step('no page has thrown or logged an error', async () => assert.deepEqual([it.ingrid, it.leena, it.omar, it.maeve].flatMap((one) => one.errors), []));
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Asks again until there is an answer. */
async function until(what, look) {
  for (const end = Date.now() + 90_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`not within 90 s: ${what}`);
}

async function looks(page, name) {
  assert.deepEqual(await audit(page), []);
  await shoot(page, `week-${name}`);
}

/** Marks a page, so that it can be told whether it was loaded anew since. */
const stays = (page) => page.evaluate(() => { window.same = true; });
const stayed = async (page) => assert.ok(await page.evaluate(() => window.same), 'the page was loaded again');

/** What they have been told, the newest first; what the morning's digest says aside. */
const told = async (page) => (await ask(page, 'GET', '/api/me/inbox')).items.filter((one) => one.kind !== 'digest').map((one) => one.text);

/** The same of what they have not read. The badge counts all of it. */
async function unread(page) {
  const { items } = await ask(page, 'GET', '/api/me/inbox?unread=true');
  await until('the badge counts what is unread', async () => {
    const { unread } = await ask(page, 'GET', '/api/me/inbox/counts');
    const badge = await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: /^Inbox/ }).textContent();
    return badge.replace(/\D/g, '') === String(unread || '');
  });
  return items.filter((one) => one.kind !== 'digest').map((one) => one.text);
}

/** Their slots of the week: the days and what became of each. */
async function slots(page) {
  const { items } = await ask(page, 'GET', '/api/slots?person=me&from=2026-12-07&to=2026-12-13');
  return items.map((one) => `${one.local_date.slice(-2)} ${one.state}`);
}

const openSlot = (page) => until('a slot is open', async () => (await ask(page, 'GET', '/api/slots')).items.find((one) => one.state === 'open'));

/** Checks in for the slot that is open, in writing. */
async function says(page, headline, goal = { no_change: true }) {
  const draft = await ask(page, 'POST', '/api/check-ins', { slot: (await openSlot(page)).id });
  const goals = draft.goals.map((one) => ({ goal: one.goal.id, ...goal }));
  await ask(page, 'PATCH', `/api/check-ins/${draft.id}`, { headline, goals, next_actions: 'The rest of them.', revision: draft.revision });
  await ask(page, 'POST', `/api/check-ins/${draft.id}/submit`, {});
  return draft.id;
}

async function team(it) {
  const { page } = it.ingrid;
  await steps.setUp(page, it.server.setup);
  await page.goto('/admin/organisation');
  assert.equal(await page.getByLabel('Time zone').inputValue(), ZONE);
  await page.getByLabel('Blockers pass up after, slots').fill('1');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.goto('/admin');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(NAMES.leena);
  await dialog.getByLabel('E-mail address').fill('leena@tidemark.example');
  await dialog.getByLabel('Reports to').selectOption({ label: 'Ingrid Solvang' });
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  await steps.join_(it.leena.page, await dialog.getByLabel('Invitation link').inputValue());
  const manager = (await ask(page, 'GET', '/api/me')).id;
  for (const key of ['omar', 'maeve']) {
    const { url } = await ask(page, 'POST', '/api/invitations', { name: NAMES[key], email: `${key}@tidemark.example`, role: 'member', manager });
    await steps.join_(it[key].page, url);
  }
  for (const key of ['ingrid', 'leena', 'omar', 'maeve']) assert.deepEqual(await slots(it[key].page), ['08 ahead', '10 ahead'], key);
}

async function goals(it) {
  it.goal = await steps.makeGoal(it.leena.page, 'Calibration under 20 minutes');
  const { page } = it.omar;
  await page.goto('/goals?period=week');
  await page.getByText(/^No goal for/).waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, /^Title/);
  await page.keyboard.type('Soak rig runs through the night');
  await tabTo(page, /^Make the goal$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Soak rig runs through the night' }).waitFor();
  await page.getByText(/Week 50|W50/).first().waitFor();
  await ask(it.maeve.page, 'POST', '/api/goals', { scope: 'individual', period_kind: 'week', period_start: '2026-12-07', title: 'Twenty sites called' });
  await ask(it.ingrid.page, 'POST', '/api/goals', { scope: 'individual', period_kind: 'month', period_start: '2026-12-07', title: 'Two people hired' });
}

async function opened(it) {
  const { page } = it.leena;
  await it.clock.move(on(TUESDAY, '08:58'));
  await page.goto('/check-ins');
  await page.getByText('Opens Tuesday at 09:00').first().waitFor();
  await stays(page);
  await it.clock.move(on(TUESDAY, '09:02'));
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor({ timeout: 90_000 });
  await page.getByText('Due 16:00').waitFor();
  await stayed(page);
  for (const key of ['ingrid', 'leena', 'omar', 'maeve']) {
    await openSlot(it[key].page);
    const { digest } = await until('the digest of the morning', async () => (await ask(it[key].page, 'GET', '/api/me/inbox')).items.find((one) => one.kind === 'digest'));
    assert.deepEqual(digest, [{ count: 1, text: 'due today', url: '/' }], key);
  }
  await page.goto('/');
  await page.getByRole('link', { name: 'Your Tuesday check-in', exact: true }).waitFor();
  await page.getByText('Today, 16:00').first().waitFor();
  await looks(page, 'home');
}

async function checkIn(it) {
  const { page } = it.leena;
  await it.omar.page.goto('/inbox');
  await it.ingrid.page.goto('/check-ins?view=review');
  await it.ingrid.page.getByText('No check-in waits for your review').waitFor();
  await Promise.all([stays(it.omar.page), stays(it.ingrid.page)]);
  await page.goto('/');
  await tabTo(page, /^Your Tuesday check-in$/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/check-ins\/[0-9a-f-]{36}/);
  it.first = new URL(page.url()).pathname;
  await page.getByRole('heading', { level: 1, name: 'Tuesday 8 December' }).waitFor();
  await tabTo(page, /^Record your update/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/record\?for=check_in/);
  await page.getByRole('button', { name: 'Camera', exact: true }).first().waitFor();
  await tabTo(page, /^Camera$/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Start recording' }).and(page.locator(':enabled')).waitFor();
  await page.keyboard.press('r');
  await page.getByRole('button', { name: 'Stop recording' }).waitFor();
  // What is recorded is two seconds long.
  await page.waitForTimeout(2000);
  await page.keyboard.press('s');
  await page.getByLabel('Link, ready to paste anywhere').waitFor();
  await tabTo(page, /^Title/);
  await page.keyboard.type('One bath is gone');
  // Before the clock moves again, what works on it must be done: the lease of its job is the server's time.
  await steps.untilReady(page);
  await tabTo(page, /^Keep and attach to check-in$/);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === it.first);
  await page.getByRole('link', { name: /^Watch your video: One bath is gone/ }).waitFor();
  await tabTo(page, /^Headline/);
  await page.keyboard.type('One bath is gone; the second one waits');
  await tabTo(page, /^On track$/);
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('8');
  await tabTo(page, /^Median minutes per probe, new value$/);
  await page.keyboard.type('34');
  await tabTo(page, /^Add a blocker$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^What is in the way$/);
  await page.keyboard.type(BLOCKED);
  await tabTo(page, /^Of which goal$/);
  await page.keyboard.type('Cal');
  await tabTo(page, /^Whom it asks$/);
  await page.getByRole('option', { name: 'Omar Lahlou' }).waitFor({ state: 'attached' });
  await page.keyboard.type('Omar');
  await page.getByText(/Draft saved 09:/).waitFor();
  await looks(page, 'form');
  await tabTo(page, /^Submit check-in$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'One bath is gone' }).waitFor();
  await page.getByText('asks Omar Lahlou').waitFor();
}

async function reviews(it) {
  const [ingrid, leena, omar, maeve] = [it.ingrid.page, it.leena.page, it.omar.page, it.maeve.page];
  await omar.getByRole('link', { name: 'Leena Koskela is blocked and asks you' }).first().waitFor();
  await ingrid.getByRole('link', { name: 'One bath is gone; the second one waits' }).waitFor();
  await stayed(omar);
  assert.deepEqual(await unread(omar), ['Leena Koskela is blocked and asks you']);
  it.omars = await says(omar, 'The rig ran for six hours, then the fuse went', { status: 'caution', confidence: 5 });
  it.maeves = await says(maeve, 'Nine sites called, eleven to go', { status: 'on_track', confidence: 7 });
  await says(ingrid, 'Two talks today');
  await ingrid.getByRole('heading', { name: '3 check-ins wait for you' }).waitFor();
  await stayed(ingrid);
  await looks(ingrid, 'queue');
  await stays(leena);
  await tabTo(ingrid, /^One bath is gone; the second one waits$/);
  await ingrid.keyboard.press('Enter');
  await ingrid.getByRole('radio', { name: /Acknowledge/ }).waitFor();
  await tabTo(ingrid, /^Send the review$/);
  await ingrid.keyboard.press('Enter');
  await ingrid.getByText('Acknowledged', { exact: true }).waitFor();
  await leena.getByText('Acknowledged', { exact: true }).waitFor();
  await stayed(leena);
  // What is told of a page while it is looked at is read.
  await until('it is told, and read', async () => (await told(leena))[0] === 'Ingrid Solvang acknowledged your check-in' && (await unread(leena)).length === 0);
  await ingrid.goto(`/check-ins/${it.omars}`);
  await ingrid.getByRole('radio', { name: /Discuss/ }).check();
  await ingrid.getByRole('button', { name: 'Send the review' }).click();
  await ingrid.getByRole('alert').getByText(/Say what is to be discussed/).waitFor();
  await ingrid.getByLabel('Note', { exact: true }).fill('Which fuse? The lab has a box of them.');
  await ingrid.getByRole('button', { name: 'Send the review' }).click();
  await ingrid.getByText('To be discussed', { exact: true }).waitFor();
  await ask(ingrid, 'POST', `/api/check-ins/${it.maeves}/review`, { decision: 'acknowledged' });
  assert.deepEqual(await unread(omar), ['Ingrid Solvang wants to discuss your check-in', 'Leena Koskela is blocked and asks you']);
  await looks(leena, 'reviewed');
}

async function round(it) {
  const { page } = it.ingrid;
  await it.clock.move(on(TUESDAY, '16:30'));
  await page.goto('/check-ins/round');
  await page.getByRole('button', { name: 'Play the round' }).waitFor();
  await page.waitForFunction(() => document.querySelector('twotake-player video'));
  await looks(page, 'round');
  await page.evaluate(() => document.addEventListener('timeupdate', ({ target }) => { window.played = Math.max(window.played ?? 0, target.currentTime); }, { capture: true }));
  await page.getByRole('button', { name: 'Play the round' }).click();
  await page.waitForFunction(() => window.played > 0.3);
  await page.locator('.round-list [aria-current]', { hasText: 'Omar Lahlou' }).waitFor();
  await page.getByRole('article', { name: 'Omar Lahlou, in writing' }).getByText('then the fuse went').waitFor();
  await looks(page, 'round-card');
  await page.locator('h1').click();
  await page.keyboard.press('n');
  await page.locator('.round-list [aria-current]', { hasText: 'Maeve Byrne' }).waitFor();
  await page.keyboard.press('n');
  await page.getByText('That was the round.').waitFor();
}

async function announcement(it) {
  const [ingrid, leena, omar, maeve] = [it.ingrid.page, it.leena.page, it.omar.page, it.maeve.page];
  await it.clock.move(on(WEDNESDAY, '10:00'));
  for (const page of [leena, omar, maeve]) {
    await page.goto('/inbox');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    // A person reads in the morning what came before: the digest of Tuesday at least.
    if (page !== maeve) {
      const read = page.waitForResponse((answer) => answer.url().endsWith('/api/me/inbox/read') && answer.ok());
      await page.getByRole('button', { name: 'Mark all read' }).click();
      await read;
      assert.deepEqual(await unread(page), []);
    }
    await stays(page);
  }
  await ingrid.goto('/channels/announcements');
  await ingrid.getByRole('button', { name: 'Write' }).click();
  const form = ingrid.getByRole('form', { name: 'New post in Announcements' });
  await form.getByLabel('Title').fill('The lab is closed on the 24th');
  await form.getByLabel('Text').pressSequentially('The keys are with @mae');
  await ingrid.getByRole('listbox', { name: 'Whom to mention' }).getByRole('option', { name: /Maeve Byrne/ }).waitFor();
  await ingrid.keyboard.press('Enter');
  await form.getByLabel('Ask everyone to acknowledge').check();
  await form.getByLabel('To be acknowledged by').fill('2026-12-11T15:00');
  await form.getByRole('button', { name: 'Post', exact: true }).click();
  const post = ingrid.getByRole('article').filter({ hasText: 'The lab is closed' });
  await post.getByText('3 of 3 left').waitFor();
  await stays(ingrid);
  for (const page of [leena, omar, maeve]) {
    await page.getByRole('link', { name: 'Ingrid Solvang asks you to acknowledge a post' }).waitFor();
    await stayed(page);
  }
  await maeve.getByRole('link', { name: 'Ingrid Solvang mentioned you in a post' }).waitFor();
  await stayed(maeve);
  assert.deepEqual((await unread(maeve)).toSorted(), ['Ingrid Solvang acknowledged your check-in', 'Ingrid Solvang asks you to acknowledge a post', 'Ingrid Solvang mentioned you in a post']);
  assert.deepEqual(await unread(leena), ['Ingrid Solvang asks you to acknowledge a post']);
  await looks(maeve, 'inbox');
  await tabTo(leena, /^Ingrid Solvang asks you to acknowledge a post$/);
  await leena.keyboard.press('Enter');
  await leena.waitForURL(/\/posts\//);
  await leena.getByRole('heading', { level: 1, name: 'The lab is closed on the 24th' }).waitFor();
  await tabTo(leena, /^I have read this$/);
  await leena.keyboard.press('e');
  await leena.getByText('You acknowledged').first().waitFor();
  it.post = new URL(leena.url()).pathname;
  await looks(leena, 'post');
  await leena.getByRole('link', { name: '@maeve', exact: true }).click();
  await leena.getByRole('heading', { level: 2, name: 'Maeve Byrne' }).waitFor();
  await leena.getByRole('treeitem', { name: /Maeve Byrne/, selected: true }).waitFor();
  await looks(leena, 'mentioned');
  await post.getByText('2 of 3 left').waitFor();
  await ask(omar, 'POST', `/api${it.post}/acknowledge`);
  await post.getByText('1 of 3 left').waitFor();
  await stayed(ingrid);
  await post.getByRole('button', { name: 'Who is missing' }).click();
  const missing = post.getByRole('region', { name: 'Acknowledgements' });
  await missing.getByText('Maeve Byrne').waitFor();
  for (const name of [NAMES.leena, NAMES.omar]) assert.equal(await missing.getByText(name).count(), 0);
  await looks(ingrid, 'announcement');
}

async function passedUp(it) {
  const [ingrid, leena] = [it.ingrid.page, it.leena.page];
  await it.clock.move(on(THURSDAY, '09:05'));
  await openSlot(leena);
  await ingrid.goto('/inbox');
  await ingrid.getByRole('heading', { name: 'What happened' }).waitFor();
  await stays(ingrid);
  await leena.goto('/check-ins');
  await leena.getByRole('button', { name: 'Start', exact: true }).click();
  await leena.getByRole('heading', { level: 3, name: BLOCKED }).waitFor();
  await leena.getByLabel('Headline').fill('The second bath still waits');
  await leena.getByRole('button', { name: 'No change' }).click();
  await looks(leena, 'carried');
  await leena.getByRole('button', { name: 'Submit check-in' }).click();
  await leena.getByRole('heading', { level: 1, name: 'The second bath still waits' }).waitFor();
  await leena.getByText('passed up to Ingrid Solvang').waitFor();
  it.second = new URL(leena.url()).pathname;
  await ingrid.getByRole('link', { name: 'A blocker was passed up to you' }).waitFor();
  await ingrid.getByRole('link', { name: 'Leena is blocked; it has passed up to you' }).first().waitFor();
  await stayed(ingrid);
  assert.deepEqual(await unread(ingrid), ['A blocker was passed up to you']);
  await looks(ingrid, 'passed-up');
  await stays(leena);
}

async function resolved(it) {
  const [ingrid, leena, omar] = [it.ingrid.page, it.leena.page, it.omar.page];
  await omar.goto('/');
  await omar.getByRole('link', { name: 'Leena is blocked and asks you' }).first().click();
  await omar.getByRole('heading', { level: 3, name: BLOCKED }).waitFor();
  await omar.getByLabel('Answer', { exact: true }).fill('It stood in the yard since Monday. It is on your bench.');
  await omar.getByRole('button', { name: 'Resolved' }).click();
  await omar.getByText('It is on your bench.').waitFor();
  await looks(omar, 'resolved');
  await leena.getByText('It is on your bench.').waitFor();
  await stayed(leena);
  assert.deepEqual(await unread(leena), ['Omar Lahlou resolved your blocker']);
  await ingrid.getByRole('link', { name: 'Leena is blocked; it has passed up to you' }).first().waitFor({ state: 'detached' });
  await stayed(ingrid);
}

async function lateAndMissed(it) {
  const [ingrid, omar, maeve] = [it.ingrid.page, it.omar.page, it.maeve.page];
  await says(ingrid, 'One of two has said yes');
  await maeve.goto('/check-ins');
  await maeve.getByRole('button', { name: 'Start', exact: true }).waitFor();
  await stays(maeve);
  await it.clock.move(on(THURSDAY, '16:20'));
  await omar.goto('/check-ins');
  await omar.getByRole('button', { name: 'Start', exact: true }).click();
  await omar.getByText('Was due 16:00; late until 17:00').waitFor();
  await omar.getByLabel('Headline').fill('The night is done, with a new fuse');
  await omar.getByText('Done', { exact: true }).click();
  await looks(omar, 'after-due');
  await omar.getByRole('button', { name: 'Submit check-in' }).click();
  await omar.getByRole('heading', { level: 1, name: 'The night is done' }).waitFor();
  await omar.getByText('Late', { exact: true }).waitFor();
  it.late = new URL(omar.url()).pathname;
  await it.clock.move(on(THURSDAY, '17:05'));
  await maeve.getByText('Missed on Thursday 10 December. It stays so').waitFor({ timeout: 90_000 });
  await stayed(maeve);
  await looks(maeve, 'missed');
  assert.equal((await unread(maeve))[0], 'A check-in of yours was missed');
  assert.deepEqual(await slots(it.leena.page), ['08 submitted', '10 submitted']);
  assert.deepEqual(await slots(omar), ['08 submitted', '10 late']);
  assert.deepEqual(await slots(maeve), ['08 submitted', '10 missed']);
  await omar.goto('/check-ins');
  await omar.getByText('Late', { exact: true }).waitFor();
}

async function friday(it) {
  const { page } = it.ingrid;
  await it.clock.move(on(FRIDAY, '08:50'));
  await page.goto('/');
  await page.getByRole('link', { name: 'Review Leena’s check-in' }).first().waitFor();
  await looks(page, 'friday');
  await page.getByRole('link', { name: 'Review Omar’s check-in' }).first().click();
  await page.getByRole('button', { name: 'Send the review' }).click();
  await page.getByText('Acknowledged', { exact: true }).waitFor();
  await ask(page, 'POST', `/api${it.second}/review`, { decision: 'acknowledged' });
  await page.goto('/check-ins?view=review');
  await page.getByText('No check-in waits for your review').waitFor();
}

async function scoreboard(it) {
  const { page } = it.ingrid;
  await it.clock.move(on(FRIDAY, '16:00'));
  await page.goto('/scoreboard?weeks=4');
  const row = (name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const cells = { 'Ingrid Solvang': ['2 on time', '100%', '100%'], [NAMES.leena]: ['2 on time', '100%', ''], [NAMES.omar]: ['1 on time, 1 late', '50%', ''], [NAMES.maeve]: ['1 on time, 1 missed', '50%', ''] };
  for (const [name, [said, own, others]] of Object.entries(cells)) {
    await row(name).getByRole('img', { name: `${said}, from Tue 8 Dec to Thu 10 Dec` }).waitFor();
    assert.deepEqual((await row(name).getByRole('cell').allTextContents()).slice(1, 3).map((text) => text.trim()), [own, others], name);
  }
  await page.getByText('6 on time, 1 late, 1 missed').waitFor();
  await page.getByText('5 on time, 0 missed').waitFor();
  await page.getByRole('region', { name: 'Median minutes per probe' }).getByRole('link', { name: /Video by Leena Koskela/ }).waitFor();
  await looks(page, 'scoreboard');
  await page.getByRole('button', { name: 'As a table of dates' }).click();
  await page.getByRole('table').getByText('Missed', { exact: true }).waitFor();
  await looks(page, 'scoreboard-dates');
  await page.getByRole('button', { name: 'As rows of marks' }).click();
  await page.locator('.rel').scrollIntoViewIfNeeded();
  await shoot(page, 'week-scoreboard-rows');
  await page.goto(it.post);
  await page.getByText('1 of 3 left to acknowledge; it was due today, 15:00').waitFor();
  await looks(page, 'overdue');
  await page.goto(it.goal);
  await page.getByRole('heading', { level: 1, name: 'Calibration under 20 minutes' }).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Timeline' }).waitFor();
  await looks(page, 'goal');
}

async function search(it) {
  const { page } = it.ingrid;
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Search' }).waitFor();
  await page.keyboard.type('thermostat delivered');
  await page.getByRole('option', { name: /One bath is gone/ }).waitFor();
  await looks(page, 'search');
  await page.getByRole('combobox', { name: 'Search' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === it.first);
  await page.getByText(BLOCKED).waitFor();
}
