// Chromium with a fake camera, screenshots, and axe on what is shown.
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const shots = fileURLToPath(new URL('./shots', import.meta.url));
const axe = readFileSync(fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream', '--auto-accept-this-tab-capture', '--autoplay-policy=no-user-gesture-required',
];
const VIEWS = { light: { width: 1360, height: 900 }, dark: { width: 1360, height: 900 }, phone: { width: 390, height: 844 } };

export async function openBrowser() {
  mkdirSync(shots, { recursive: true });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS, downloadsPath: mkdtempSync(join(tmpdir(), 'twotake-chromium-')) });
  return browser;
}

/** A zone in which it is about noon now: whatever the hour of the run, a check-in slot of today is open there. */
const behind = new Date().getUTCHours() - 12;
export const NOON = behind === 0 ? 'Etc/GMT' : `Etc/GMT${behind > 0 ? '+' : '-'}${Math.abs(behind)}`;

/** A person at a browser of their own, in a zone and, with a clock, at its time. Errors of the page are kept: a journey with errors
 * has not passed. */
export async function person(browser, url, { zone = NOON, clock = null } = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: VIEWS.light, permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'], locale: 'en-GB', timezoneId: zone });
  await clock?.tell(context);
  // Without a head there is no picker of screens: the test picks the tab itself, and the browser captures it for real.
  await context.addInitScript(() => {
    const ask = navigator.mediaDevices?.getDisplayMedia.bind(navigator.mediaDevices);
    if (ask) navigator.mediaDevices.getDisplayMedia = (options) => ask({ ...options, preferCurrentTab: true });
  });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(`${page.url()}: ${message.text()}`);
  });
  page.setDefaultTimeout(60_000);
  return { page, context, errors };
}

const quiet = (page) => page.waitForLoadState('networkidle', { timeout: 8000 }).catch(() => {});

/** The page as it is, in the three looks; with TWOTAKE_SHOTS=whole, down to its end. */
export async function shoot(page, name) {
  for (const [look, size] of Object.entries(VIEWS)) {
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await quiet(page);
    await page.screenshot({ path: join(shots, `${name}-${look}.png`), animations: 'disabled', fullPage: process.env.TWOTAKE_SHOTS === 'whole' });
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  await page.setViewportSize(VIEWS.light);
}

/** Paths of the pages that axe has looked at. */
export const audited = new Set();

/** What axe finds that is serious or critical, in both themes. */
export async function audit(page) {
  const found = [];
  audited.add(new URL(page.url()).pathname);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await quiet(page);
    const violations = await page.evaluate(async (source) => {
      // The policy of the page allows no foreign script: it is run by the browser's own evaluation, not as an element.
      if (!window.axe) (0, eval)(source);
      const result = await window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
      return result.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 140)).join(' | ')}`);
    }, axe);
    found.push(...violations.map((text) => `${colorScheme} ${text}`));
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
  return found;
}
