// A demo server of its own and a real Chromium for each test file.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

export const PASSWORD = 'demo password for tests';

/** Starts `headroom demo` on a free port; resolves with its address and a function that stops it. */
export async function startDemo() {
  const dir = mkdtempSync('/tmp/headroom-browser-');
  chmodSync(dir, 0o755);
  const server = spawn(process.env.HEADROOM_BINARY, ['demo'], {
    env: { ...process.env, HEADROOM_DATA_DIR: `${dir}/data`, HEADROOM_BIND: '127.0.0.1:0', HEADROOM_DEMO_PASSWORD: PASSWORD },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  for await (const line of createInterface(server.stdout)) {
    const address = line.match(/serves on (http:\S+)/)?.[1];
    if (address) {
      const stop = async () => {
        server.kill('SIGTERM');
        await ended;
        rmSync(dir, { recursive: true, force: true });
      };
      return { address, stop };
    }
  }
  throw new Error('the demo ended before it served');
}

/** Chromium as it is installed by the system's package manager. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.HEADROOM_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid() !== 0,
    args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

/** A page of somebody new; a violation of the content security policy or a script error fails the test. */
export async function newPage(browser, address, options = {}) {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && page.problems.push(message.text()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  return page;
}

export async function signIn(page, username, password = PASSWORD) {
  await page.goto('/sign-in');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A page of somebody who has signed in. */
export async function pageOf(browser, address, username, options) {
  const page = await newPage(browser, address, options);
  await signIn(page, username);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  return page;
}

/** A page for whoever has no pointer: `tabTo` goes on until something of that name has the focus, and says its name. */
export function keyboard(page) {
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => {
    const { activeElement: element } = document;
    const box = element.getBoundingClientRect();
    const inside = box.width > 0 && box.top >= 0 && box.bottom <= innerHeight;
    const on = inside && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
      name: (element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent).trim(),
      // whatever has the focus can be seen, and nothing lies above it
      seen: !inside || element.contains(on) || on?.contains(element),
      marked: element === document.body || getComputedStyle(element).outlineStyle !== 'none' || getComputedStyle(element).boxShadow !== 'none',
    };
  });
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 120; presses += 1) {
      await press('Tab');
      const { name, seen, marked } = await focused();
      assert.ok(seen, `${name} has the focus and cannot be seen`);
      assert.ok(marked, `${name} has the focus and does not look like it`);
      if (wanted.test(name)) return name;
    }
    return assert.fail(`nothing called ${wanted} takes the focus`);
  };
  return { press, tabTo };
}

/** What the rows of the page's table say, cell by cell; not of tables that explain, which can be folded away. */
export async function rows(page) {
  return page.getByRole('table').locator('tbody tr').evaluateAll((all) =>
    all.filter((row) => !row.closest('details')).map((row) => [...row.children].map((cell) => cell.textContent.trim().replace(/\s+/g, ' '))));
}

/** Forgets whoever is signed in. */
export async function signOut(page) {
  await page.context().clearCookies();
}

/** What is wider than the panel that it is in, at the present width or at those between a phone and a desk. */
async function tooWide(page) {
  const present = page.viewportSize();
  const found = [];
  for (const width of new Set([present.width, 600, 800, 961, 1024, 1185])) {
    await page.setViewportSize({ ...present, width });
    const beyond = await page.evaluate(() => [...document.querySelectorAll('.panel')]
      .filter((panel) => panel.checkVisibility() && panel.scrollWidth > panel.clientWidth)
      .map((panel) => `${panel.className} by ${panel.scrollWidth - panel.clientWidth} px`));
    found.push(...beyond.map((words) => `${width} px: ${words}`));
  }
  await page.setViewportSize(present);
  return found;
}

/** No accessibility violation, nothing that scrolls sideways, nothing on the console. */
export async function checkPage(page, what) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  // There are no frames: the legacy mode needs no second page.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
  assert.deepEqual(told, [], what);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(beyond <= 0, `${what} scrolls sideways by ${beyond} px`);
  assert.deepEqual(await tooWide(page), [], what);
  assert.deepEqual(page.problems, [], what);
}
