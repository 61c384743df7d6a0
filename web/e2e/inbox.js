// What others do appears without a reload: a comment under a post, what is typed meanwhile stays, the badge, the inbox, quiet hours.
import assert from 'node:assert/strict';
import { audit, openBrowser, person, shoot } from './browser.js';
import { startServer } from './server.js';
import { invite, join_, setUp } from './steps.js';

export async function inbox(step) {
  const server = await startServer();
  const browser = await openBrowser();
  const author = await person(browser, server.url);
  const other = await person(browser, server.url);
  const it = {};

  await step('two people sign in, and one posts', async () => {
    await setUp(author.page, server.setup);
    await join_(other.page, await invite(author.page, 'Marek Wolny', 'marek@tidemark.example'));
    // Whatever day this runs on, it is one they work.
    const everyDay = async ({ page }) => {
      const { revision } = await (await page.request.get('/api/me')).json();
      const answer = await page.request.patch('/api/me/quiet-hours', { data: { workdays: [1, 2, 3, 4, 5, 6, 7], revision }, headers: { 'sec-fetch-site': 'same-origin' } });
      assert.equal(answer.status(), 200);
    };
    await everyDay(author);
    await everyDay(other);
    const { page } = author;
    await page.goto('/channels/general');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByLabel('Title').fill('The rota of next week');
    await page.getByRole('button', { name: /^Post/ }).click();
    await page.getByRole('link', { name: 'The rota of next week' }).first().waitFor();
    it.post = new URL(await page.getByRole('link', { name: 'The rota of next week' }).first().evaluate((link) => link.href)).pathname;
  });

  await step('a comment appears in a second browser without a reload, beside what is being typed there', async () => {
    await author.page.goto(it.post);
    const draft = author.page.getByPlaceholder('Answer under this post').first();
    await draft.fill('I was about to say');
    await author.page.evaluate(() => { window.same = true; });
    await other.page.goto(it.post);
    const field = other.page.getByPlaceholder('Answer under this post').first();
    await field.fill('Who is on call on Friday?');
    await field.press('Enter');
    const began = Date.now();
    await author.page.getByText('Who is on call on Friday?', { exact: true }).waitFor({ timeout: 10_000 });
    console.log(`        the comment was there ${Date.now() - began} ms later`);
    assert.equal(await draft.inputValue(), 'I was about to say');
    assert.ok(await draft.evaluate((field) => field === document.activeElement), 'the focus stays');
    assert.ok(await author.page.evaluate(() => window.same), 'no reload');
    await draft.press('Enter');
    await other.page.getByText('I was about to say', { exact: true }).waitFor({ timeout: 10_000 });
  });

  await step('a post appears in an open channel, and Home hears of it', async () => {
    await other.page.goto('/channels/general');
    await other.page.getByRole('link', { name: 'The rota of next week' }).first().waitFor();
    await author.page.goto('/channels/general');
    await author.page.getByRole('button', { name: 'Write' }).click();
    await author.page.getByLabel('Title').fill('And the one after');
    await author.page.getByRole('button', { name: /^Post/ }).click();
    await other.page.getByRole('link', { name: 'And the one after' }).first().waitFor({ timeout: 10_000 });
  });

  await step('the badge counts while another page is open, and the inbox says what happened', async () => {
    const { page } = author;
    await page.goto('/goals');
    const place = page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: /^Inbox/ });
    await place.waitFor();
    assert.equal(await place.textContent(), 'Inbox', 'what was told while they looked at it is read');
    await other.page.goto(it.post);
    const field = other.page.getByPlaceholder('Answer under this post').first();
    await field.fill('Thank you.');
    await field.press('Enter');
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Inbox 1 unread' }).waitFor({ timeout: 10_000 });
    await page.locator('body').press('g');
    await page.locator('body').press('i');
    await page.waitForURL('**/inbox');
    await page.getByRole('link', { name: 'Marek Wolny commented on your post' }).waitFor();
    await shoot(page, 'inbox');
    assert.deepEqual(await audit(page), []);
    await page.getByRole('link', { name: 'Marek Wolny commented on your post' }).click();
    await page.waitForURL(`**${it.post}**`);
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Inbox', exact: true }).waitFor({ timeout: 10_000 });
  });

  await step('deep work holds the count back', async () => {
    const { page } = author;
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Add deep work' }).click();
    const window_ = page.getByRole('group', { name: 'Deep work 1' });
    for (const day of await window_.getByRole('checkbox').all()) await day.check();
    // The organisation's zone is the browser's, where it is about noon.
    await window_.getByLabel('Begins').fill('06:00');
    await window_.getByLabel('Ends').fill('23:30');
    await page.getByRole('button', { name: 'Save quiet hours' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await shoot(page, 'quiet-hours');
    assert.deepEqual(await audit(page), []);
    await page.goto('/inbox');
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
    await other.page.getByPlaceholder('Answer under this post').first().fill('One more.');
    await other.page.getByPlaceholder('Answer under this post').first().press('Enter');
    await page.getByText(/1 waits quietly until/).waitFor({ timeout: 10_000 });
    await page.getByText(/quiet until 23:30/).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).first().getByRole('link', { name: 'Inbox', exact: true }).waitFor();
    await shoot(page, 'inbox-quiet');
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await page.getByText(/quiet until 23:30/).waitFor({ state: 'detached' });
  });

  await step('no page had an error', async () => {
    assert.deepEqual([...author.errors, ...other.errors], []);
  });
  await browser.close();
  await server.stop();
}
