// Every screen in Chromium: found by role and label, checked by axe, in light and dark, wide and narrow.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkPage, newPage, PASSWORD, rows, signIn, signOut, startBrowser, startDemo } from './support.mjs';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function reportOf(page, name) {
  await page.getByRole('link', { name: `User License Report of ${name}`, exact: true }).click();
}

describe('the main job', () => {
  test('an org admin signs in, opens the Org list and a report, goes down, back up, and exports', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'org.admin');
    await page.getByRole('heading', { level: 1, name: 'Org list' }).waitFor();
    assert.equal(await page.getByText('Globex').count(), 0);
    await reportOf(page, 'Acme Group');
    await page.getByRole('heading', { level: 1, name: 'User License Report' }).waitFor();
    assert.equal((await rows(page)).length, 9);

    await page.getByRole('row', { name: /Acme Asia Pacific/ }).getByRole('link').click();
    assert.match(await page.getByRole('heading', { level: 2 }).first().textContent(), /Acme Asia Pacific is over its limit by \d+/);
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Acme Group' }).click();
    await page.getByRole('row', { name: /Acme Iberia/ }).waitFor();

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'EXPORT TO CSV' }).click();
    const file = await (await download).path();
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\r\n');
    const shown = await rows(page);
    assert.equal(lines[0], 'Name,User Limit,Used,Remaining,Percentage Used');
    assert.deepEqual(lines.slice(1).map((line) => line.split(',')[0]), shown.map((row) => row[0]));
    assert.deepEqual(lines.slice(1).map((line) => Number(line.split(',')[2])), shown.map((row) => Number(row[2].replace(',', ''))));
  });

  test('a date that does not exist is not sent as no date at all', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'user.manager');
    await page.goto(`${demo.address}/users/new`);
    await page.getByLabel('Username').fill('someone.new');
    const date = page.getByLabel('Account expires after');
    await date.focus();
    await page.keyboard.type('02312027');
    assert.equal(await date.inputValue(), '');
    await page.getByRole('button', { name: 'Add user' }).click();
    assert.equal(await date.evaluate((field) => field === document.activeElement), true);
    assert.equal(await page.getByLabel('Username').inputValue(), 'someone.new');
    assert.equal(await page.getByRole('alert').count(), 0, 'the form was not sent');
  });

  test('a heading sorts, tells how, and turns round', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'org.admin');
    await reportOf(page, 'Acme Group');
    await page.getByRole('link', { name: 'Used', exact: true }).click();
    const heading = page.getByRole('columnheader', { name: 'Used', exact: true });
    assert.equal(await heading.getAttribute('aria-sort'), 'descending');
    assert.equal((await rows(page))[2][0], 'Acme Americas');
    await page.getByRole('link', { name: 'Used', exact: true }).click();
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
    assert.equal((await rows(page))[2][0], 'Acme Nordics');
  });

  test('it all works by keyboard alone, from the skip link to the report', async () => {
    const page = await newPage(browser, demo.address);
    await page.goto('/sign-in');
    await page.waitForFunction(() => document.activeElement.id === 'username'); // without a click
    await page.keyboard.type('org.admin');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Org list' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'User License Report of Acme Group');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'User License Report' }).waitFor();
  });

  test('a button whose answer takes more than a second says so', async () => {
    const page = await newPage(browser, demo.address);
    // the page itself cannot be asked while it waits
    await page.addInitScript(() => {
      new MutationObserver(() => {
        const busy = document.querySelector('[aria-busy=true]');
        const told = document.querySelector('main > [role=status].unseen')?.textContent;
        if (busy && told) console.log(`${busy.textContent}: ${told}`);
      }).observe(document, { subtree: true, childList: true, attributes: true });
    });
    await signIn(page, 'org.admin');
    for (const [list, address, name] of [
      ['/users', /users\?/, 'Search'],
      // a link that looks like a button
      ['/users?q=a&all=1', /users\/expire/, 'EXPIRE ALL ENROLMENTS'],
    ]) {
      await page.goto(list);
      const told = page.waitForEvent('console');
      await page.route(address, async (route) => {
        await told;
        await route.continue();
      });
      await page.getByRole('button', { name }).click();
      assert.equal((await told).text(), `${name}: Headroom is working on it.`);
      // until it has gone on, the request is held by its route
      await page.waitForURL(address);
      await page.unroute(address);
      assert.equal(await page.locator('[aria-busy=true]').count(), 0, 'the next page');
    }
    assert.deepEqual(page.problems, []);
  });

  test('it all works without JavaScript', async () => {
    const page = await newPage(browser, demo.address, { javaScriptEnabled: false });
    await signIn(page, 'user.manager');
    await reportOf(page, 'Acme Iberia');
    await page.getByRole('link', { name: 'Percentage Used' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });
});

describe('who sees what', () => {
  test('a child admin sees one child, and no other organisation exists', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'org.admin');
    const other = await page.getByRole('link', { name: 'User License Report of Acme Iberia', exact: true }).getAttribute('href');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, 'child.admin');
    assert.deepEqual((await rows(page)).map((row) => row[0].replace(/Level \d: /, '')), [
      'Acme Deutschland', 'Acme Berlin', 'Acme Hamburg', 'Acme München',
    ]);
    await page.goto(other);
    await page.getByRole('heading', { level: 1, name: 'Page not found' }).waitFor();
  });

  test('a learner has learning experiences and no administration', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'learner');
    await page.getByRole('heading', { level: 1, name: 'My learning' }).waitFor();
    assert.deepEqual((await rows(page)).map((row) => row[1]), ['Live', 'Ended']);
    assert.equal(await page.getByRole('link', { name: 'Org list' }).count(), 0);
    await page.goto('/organisations');
    await page.getByRole('heading', { level: 1, name: 'You may not do this' }).waitFor();
  });

  test('wrong input keeps the name, takes the focus and says what to do', async () => {
    const page = await newPage(browser, demo.address);
    await signIn(page, 'org.admin', 'wrong password');
    const summary = page.getByRole('alert');
    await summary.waitFor();
    assert.ok(await summary.evaluate((element) => element === document.activeElement));
    assert.equal(await page.getByLabel('Username').inputValue(), 'org.admin');
    await summary.getByRole('link').click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'username');
  });
});

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'light', viewport: { width: 320, height: 700 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
  { colorScheme: 'light', viewport: { width: 1920, height: 1000 } },
];

for (const look of LOOKS) {
  test(`every screen is accessible and fits, ${look.colorScheme}, ${look.viewport.width} px`, async () => {
    const page = await newPage(browser, demo.address, look);
    await page.goto('/sign-in');
    await checkPage(page, 'sign-in');
    await signIn(page, 'org.admin', 'wrong password');
    await checkPage(page, 'sign-in with an error');
    await signIn(page, 'instance.admin');
    await checkPage(page, 'Org list');
    const agreement = await page.getByRole('link', { name: 'License agreement of Acme Group' }).getAttribute('href');
    await reportOf(page, 'Acme Group');
    await page.getByText('What do these figures mean?').click();
    await checkPage(page, 'report');
    await reportLeaf(page);
    await checkPage(page, 'report of one organisation');
    await page.goto('/desk');
    await page.getByRole('region', { name: 'Over the limit' }).getByText('Globex is over its limit by 6').waitFor();
    await checkPage(page, 'Accounts');
    const acme = agreement.replace(/\/agreement$/, '');
    const terms = ['', '/terms', '/overage', '/renewal', '?saved=upgraded'].map((part) => `${agreement}${part}`);
    const settings = ['', '?saved=1', '/tiers', '/tiers/new', '/holidays', '/holidays?saved=file&added=3&known=1&others=2'];
    for (const path of [
      '/organisations?q=nothing+has+this', '/organisations/new', `${acme}/edit`, `${acme}/limits`, ...terms, `${acme}/upgrade`,
      ...settings.map((part) => `/settings${part}`), '/desk?q=nothing+has+this', '/notices', '/notices?q=nothing+has+this', '/learn', '/nowhere',
    ]) {
      await page.goto(path);
      await checkPage(page, path);
    }
    await signOut(page);
    await signIn(page, 'learner');
    await page.getByRole('row', { name: /Ended/ }).waitFor();
    await checkPage(page, 'My learning');
    await page.context().close();
  });
}

async function reportLeaf(page) {
  await page.getByRole('row', { name: /Acme Ventures/ }).getByRole('link').click();
}

test('the report prints without navigation and buttons', async () => {
  const page = await newPage(browser, demo.address);
  await signIn(page, 'org.admin');
  await reportOf(page, 'Acme Group');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('link', { name: 'EXPORT TO CSV' }).isVisible(), false);
  assert.equal(await page.getByRole('navigation', { name: 'Admin' }).isVisible(), false);
  assert.equal(await page.getByRole('table').isVisible(), true);
});
