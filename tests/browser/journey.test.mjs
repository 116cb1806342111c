// Getting licenses back without losing records, and everything around it, as people do it in Chromium.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkPage, keyboard, newPage, pageOf, PASSWORD, rows, startBrowser, startDemo } from './support.mjs';

const EXPERIENCE = 'Information Security Basics';

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const as = (username, options) => pageOf(browser, demo.address, username, options);
const heading = (page, name, level = 1) => page.getByRole('heading', { level, name }).waitFor();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const link = (page, name) => page.getByRole('link', { name, exact: true });
const picked = (page) => page.getByText(/^[\d,]+( of [\d,]+)? selected$/).textContent();
const notice = (page) => page.getByRole('status').filter({ has: page.getByRole('heading') });

/** The day before today in the organisation's zone: ISO, and as screens say it. */
function yesterday() {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format(new Date());
  const day = new Date(Date.parse(today) - 86_400_000);
  const [, , month, year] = day.toUTCString().split(' ');
  return { iso: day.toISOString().slice(0, 10), shown: `${day.getUTCDate()} ${month} ${year}` };
}

/** Licenses that Acme Group uses, as its report says. */
async function used(page) {
  await page.goto('/organisations');
  await link(page, 'User License Report of Acme Group').click();
  await heading(page, 'User License Report');
  return Number((await rows(page))[0][2].replace(',', ''));
}

async function openEnrolments(page) {
  await link(page, 'Learning experiences').click();
  await link(page, EXPERIENCE).click();
  await link(page, 'Enrolments: All').click();
  await heading(page, EXPERIENCE);
}

async function search(page, words) {
  await page.getByLabel('Search').fill(words);
  await button(page, 'Search').click();
}

const row = (page, nth) => page.getByRole('table').locator('tbody tr').nth(nth);
const tick = (page, nth) => row(page, nth).getByRole('checkbox').check();

/** Whose access ends and who has nothing else, by the rows' own words. */
const frees = (cells) => cells[2].startsWith('Live') && !/other/.test(cells[2]);

describe('licenses come back and records stay', () => {
  test('a user manager ends the access of three learners, they are told, and it can be undone', async () => {
    const page = await as('user.manager');
    const before = await used(page);
    await openEnrolments(page);
    await page.getByLabel('State').selectOption('Live');
    await button(page, 'Search').click();
    const first = await rows(page);
    const [alone, busy] = [first.findIndex(frees), first.findIndex((cells) => !frees(cells))];
    assert.ok(alone >= 0 && busy >= 0, 'one who is enrolled on nothing else, one who is');
    await tick(page, alone);
    await tick(page, busy);
    await button(page, 'Next').click();
    assert.match(await picked(page), /^2 of /);
    await search(page, 'lena sato');
    await page.getByLabel('Select Lena Sato').check();
    assert.equal(await picked(page), '3 selected', 'not "3 of 1"');
    await button(page, 'SET EXPIRY DATE').click();

    await heading(page, 'Set the expiry date');
    await page.getByText('Nothing has changed yet').waitFor();
    const date = page.getByLabel('Last day of access');
    assert.equal(await date.inputValue(), yesterday().iso);
    await page.getByText(/Lena Sato/).waitFor();
    const effect = await page.getByRole('region', { name: 'What it does' }).textContent();
    assert.match(effect, /2 people become inactive, which frees 2 licenses/);
    assert.match(effect, /1 person stays active or inactive as before/);
    await button(page, 'SET EXPIRY DATE').click();

    const told = await notice(page).textContent();
    assert.match(told, new RegExp(`The expiry date of 3 enrolments of 3 people is ${yesterday().shown} now`));
    assert.match(told, /2 people became inactive, which freed 2 licenses/);
    const done = page.url();
    assert.equal(await used(page), before - 2);

    const learner = await as('learner');
    await heading(learner, 'My learning');
    assert.match(await learner.getByRole('row', { name: EXPERIENCE }).textContent(), new RegExp(`Ended.*Ended on ${yesterday().shown}`, 's'));
    assert.match(await learner.getByRole('row', { name: 'Welcome to Acme' }).textContent(), /Completed on /);
    const answer = learner.waitForResponse((response) => response.url().includes('/learn/'));
    await link(learner, EXPERIENCE).click();
    assert.equal((await answer).status(), 403);
    await heading(learner, `Access ended on ${yesterday().shown}`);

    await page.goto(done);
    await button(page, 'Undo: restore the former dates').click();
    assert.match(await notice(page).textContent(), /The former expiry dates of 3 enrolments of 3 people are back/);
    assert.equal(await used(page), before);
    await learner.reload();
    await heading(learner, EXPERIENCE);
  });

  test('without JavaScript: ticking, paging, applying, undoing', async () => {
    const page = await as('user.manager', { javaScriptEnabled: false });
    const before = await used(page);
    await openEnrolments(page);
    await tick(page, 0);
    await tick(page, 1);
    await button(page, 'Next').click();
    assert.match(await picked(page), /^2 of /);
    await tick(page, 0);
    await button(page, 'Previous').click();
    assert.match(await picked(page), /^3 of /);
    assert.ok(await row(page, 1).getByRole('checkbox').isChecked());
    await button(page, 'SET EXPIRY DATE').click();
    const effect = await page.getByRole('region', { name: 'What it does' }).textContent();
    const freed = Number(effect.match(/which frees (\d+)/)?.[1] ?? 0);
    await button(page, 'SET EXPIRY DATE').click();
    await notice(page).getByText(/is .* now$/).waitFor();
    const done = page.url();
    assert.equal(await used(page), before - freed);
    await page.goto(done);
    await button(page, 'Undo: restore the former dates').click();
    assert.equal(await used(page), before);
  });

  test('by keyboard alone: from signing in to the undo', async () => {
    const page = await newPage(browser, demo.address);
    const { press, tabTo } = keyboard(page);
    await page.goto('/sign-in');
    await page.waitForFunction(() => document.activeElement.id === 'username');
    await page.keyboard.type('user.manager');
    await press('Tab');
    await page.keyboard.type(PASSWORD);
    await press('Enter');
    await heading(page, 'Org list');
    await tabTo(/^Learning experiences$/);
    await press('Enter');
    await heading(page, 'Learning experiences');
    await tabTo(/^Search$/);
    await page.keyboard.type('information security');
    await press('Enter');
    await page.getByRole('table').locator('tbody tr').nth(1).waitFor({ state: 'detached' });
    await tabTo(new RegExp(`^${EXPERIENCE}$`));
    await press('Enter');
    await heading(page, EXPERIENCE);
    await tabTo(/^Enrolments: All$/);
    await press('Enter');
    await page.getByRole('table').waitFor();

    await tabTo(/^Select this page$/);
    const names = [];
    for (const nth of [1, 2, 3]) {
      names.push((await tabTo(/^Select (?!this page)/)).replace('Select ', ''));
      await press('Space');
      assert.match(await picked(page), new RegExp(`^${nth} of `));
    }
    await tabTo(/^SET EXPIRY DATE$/);
    await press('Enter');
    await heading(page, 'Set the expiry date');
    await tabTo(/^Cancel$/);
    await press('Enter');
    await heading(page, EXPERIENCE);
    assert.match(await picked(page), /^3 of /, 'Cancel forgets nobody');
    await tabTo(/^SET EXPIRY DATE$/);
    await press('Enter');
    await heading(page, 'Set the expiry date');
    for (const name of names) await page.getByRole('region', { name: 'What it does' }).getByText(name).waitFor();
    await tabTo(/^SET EXPIRY DATE$/);
    await press('Enter');
    await notice(page).getByText(/^The expiry date of 3 enrolments of 3 people is .* now$/).waitFor();
    await tabTo(/^Undo: restore the former dates$/);
    await press('Enter');
    await notice(page).getByText(/^The former expiry dates of \d enrolments? of 3 people are back$/).waitFor();
  });

  test('the box in the heading is mixed, all or none, and "all that match" is another matter', async () => {
    const page = await as('user.manager');
    await openEnrolments(page);
    const all = page.getByLabel('Select this page');
    const mixed = () => all.evaluate((box) => box.indeterminate);
    await tick(page, 0);
    assert.ok(await mixed());
    assert.match(await picked(page), /^1 of /);
    await all.check();
    assert.match(await picked(page), /^20 of /);
    assert.equal(await mixed(), false);
    await row(page, 4).getByRole('checkbox').uncheck();
    assert.ok(await mixed());
    assert.match(await picked(page), /^19 of /);
    await page.getByRole('link', { name: /^Select all [\d,]+ that match$/ }).click();
    const everybody = await page.getByText(/^All [\d,]+ that match are selected$/).textContent();
    await link(page, 'SET EXPIRY DATE').or(button(page, 'SET EXPIRY DATE')).click();
    await heading(page, 'Set the expiry date');
    assert.ok((await page.getByText('Nothing has changed yet').textContent()).startsWith(`${everybody.match(/[\d,]+/)[0]} enrolments`));
  });

  test('on a narrow screen people are sorted and the page is ticked, and what is ticked stays so', async () => {
    const page = await pageOf(browser, demo.address, 'user.manager', { viewport: { width: 390, height: 844 } });
    await page.goto(`${demo.address}/users`);
    const sort = page.getByRole('link', { name: 'Last sign-in', exact: true });
    const all = page.getByRole('checkbox', { name: 'Select this page' });
    for (const control of [sort, all]) {
      const { width, height } = await control.boundingBox();
      assert.ok(width >= 24 && height >= 24, `${width} x ${height}`);
    }
    const second = page.getByRole('checkbox', { name: /^Select (?!this page)/ }).nth(1);
    const name = await second.getAttribute('aria-label');
    await second.check();
    await sort.click();
    await page.waitForURL(/sort=last_sign_in/);
    assert.equal(await page.locator('[data-select-count]').textContent(), '1');
    await page.getByRole('searchbox').fill(name.replace('Select ', ''));
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/[?&]q=[^&]/);
    assert.ok(await page.getByRole('checkbox', { name, exact: true }).first().isChecked());
    assert.equal(await page.locator('[data-select-count]').textContent(), '1');
    await page.context().close();
  });

  test('while all that match are selected, the box of the heading leaves nobody out', async () => {
    const page = await as('user.manager');
    await page.goto(`${demo.address}/users?status=inactive`);
    await page.getByRole('link', { name: /^Select all/ }).click();
    await page.waitForURL(/[?&]all=1/);
    const all = page.getByRole('checkbox', { name: 'Select this page' });
    assert.ok((await all.isChecked()) && (await all.isDisabled()));
    await page.context().close();
  });

  test('Free up licenses: a reason, two people, all their enrolments, and the audit log has it', async () => {
    const page = await as('org.admin');
    const before = await used(page);
    await link(page, 'Free up licenses').click();
    await page.getByRole('link', { name: /^Everything completed/ }).click();
    await heading(page, 'Everything completed', 2);
    await tick(page, 0);
    await tick(page, 1);
    await button(page, 'SET EXPIRY DATE').click();
    await page.getByText('2 people become inactive, which frees 2 licenses').waitFor();
    await button(page, 'SET EXPIRY DATE').click();
    await notice(page).getByText('which freed 2 licenses').waitFor();
    assert.equal(await used(page), before - 2);

    await link(page, 'Audit log').click();
    const entry = page.getByRole('table').locator('tbody tr').first();
    assert.match(await entry.textContent(), /Ada Obi/);
    await entry.getByRole('link').first().click();
    await page.getByRole('table', { name: /What changed/ }).waitFor();
    assert.ok((await page.getByRole('cell', { name: yesterday().shown }).count()) >= 2);
  });

  test('enrolling: who is ticked, what it does, and the notice', async () => {
    const page = await as('user.manager');
    await openEnrolments(page);
    await link(page, 'ENROL USERS').click();
    await heading(page, `Enrol users on ${EXPERIENCE}`);
    await page.getByLabel('Status').selectOption('Inactive');
    await button(page, 'Search').click();
    const free = (await rows(page)).findIndex((cells) => cells[3] === 'no');
    await tick(page, free);
    await button(page, 'ENROL').click();
    await page.getByText('1 person becomes active, which takes 1 license').waitFor();
    await page.getByRole('button', { name: /^Enrol 1 / }).click();
    await notice(page).getByText('1 person is enrolled now').waitFor();
  });
});

describe('users', () => {
  test('searching, filtering, finding nothing, and clearing the filters', async () => {
    const page = await as('org.admin');
    await link(page, 'Users').click();
    await search(page, 'sato lena');
    assert.ok((await rows(page)).some((cells) => cells[1].includes('Lena Sato')));
    await page.getByLabel('Status').selectOption('Inactive');
    await search(page, 'learner@acme.example');
    await heading(page, 'Nobody matches', 2);
    await link(page, 'Clear filters').first().click();
    assert.match(await page.getByRole('table').locator('caption').textContent(), /^1 to 20 of /);
  });

  test('adding with wrong input and right input, editing, deleting with a confirmation, restoring', async () => {
    const page = await as('org.admin');
    await page.goto('/users');
    await link(page, 'ADD USER').click();
    await page.getByLabel('First name').fill('Nora');
    await page.getByLabel('E-mail').fill('no address');
    await button(page, 'Add user').click();
    const problems = page.getByRole('alert');
    assert.match(await page.title(), /^Error: /);
    assert.ok(await problems.evaluate((element) => element === document.activeElement));
    assert.equal(await page.getByLabel('First name').inputValue(), 'Nora');
    assert.equal(await page.getByLabel('E-mail').inputValue(), 'no address');
    await problems.getByRole('link', { name: /last name/i }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'last_name');

    await page.getByLabel('Last name').fill('Quist');
    await page.getByLabel('Username').fill('nora.quist');
    await page.getByLabel('E-mail').fill('nora.quist@acme.example');
    await page.getByLabel('Organisation', { exact: true }).selectOption({ label: 'Acme Group > Acme Nordics' });
    await button(page, 'Add user').click();
    await heading(page, 'Nora Quist');
    await notice(page).waitFor();

    await link(page, 'Edit').click();
    await page.getByLabel('Last name').fill('Qvist');
    await button(page, 'Save changes').click();
    await heading(page, 'Nora Qvist');

    await link(page, 'Delete').click();
    await heading(page, 'Delete Nora Qvist?');
    await button(page, 'Cancel').or(link(page, 'Cancel')).click();
    await heading(page, 'Nora Qvist');
    await link(page, 'Delete').click();
    await button(page, 'Delete 1 user').click();
    await notice(page).getByText('1 user is deleted').waitFor();
    await button(page, 'Restore Nora Qvist').click();
    await heading(page, 'Nora Qvist');
  });
});

/** The addresses of all screens of the administration, with the ids of this demo. */
async function screens(page) {
  const idIn = async (path, of) => (await page.goto(path), (await page.locator(`tbody a[href^="/${of}/"]`).first().getAttribute('href')));
  const user = await idIn('/users?q=ada+obi', 'users').then((own) => own.replace(/\/edit$/, ''));
  const other = await idIn('/users?q=lena+sato', 'users');
  const experience = await idIn('/experiences?q=security', 'experiences');
  const entry = await idIn('/audit', 'audit');
  const ofUsers = ['expire', 'account-expiry', 'move', 'delete'].map((change) => `/users/${change}?q=lena+sato&all=1`);
  const ofEnrolments = ['expiry', 'due', 'completion', 'reset', 'delete'].map((change) => `${experience}/enrolments/${change}?q=lena+sato&all=1`);
  return [
    '/users', '/users?q=nothing+has+this', '/users?all=1', '/users/new', other, user, `${other}/edit`, `${other}/delete`, '/users/deleted',
    ...ofUsers, '/users/expire', '/experiences', '/experiences/new', experience, `${experience}/edit`, `${experience}/enrolments`,
    ...ofEnrolments, `${experience}/enrol`, `${experience}/enrol/check?q=lena&all=1`, '/free-up', '/audit', entry, '/jobs',
  ];
}

const FEW = /^\/(users|free-up|audit|users\/new|experiences\/[^/]+\/enrolments(\/expiry.*)?)$/;
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
  { colorScheme: 'light', viewport: { width: 320, height: 700 }, only: FEW },
];

for (const { only, ...look } of LOOKS) {
  test(`every screen is accessible and fits, ${look.colorScheme}, ${look.viewport.width} px`, async () => {
    const page = await as('org.admin', look);
    const problems = [];
    const check = async (of, what) => checkPage(of, what).catch((error) => problems.push(error.message));
    for (const path of (await screens(page)).filter((path) => only?.test(path) ?? true)) {
      await page.goto(path);
      await heading(page, /./);
      await check(page, path);
    }
    if (!only) {
      const learner = await as('learner', look);
      await check(learner, '/learn');
      for (const title of ['Welcome to Acme', EXPERIENCE]) {
        await learner.goto('/learn');
        await link(learner, title).click();
        await heading(learner, /./);
        await check(learner, `/learn: ${title}`);
      }
      const stranger = await newPage(browser, demo.address, look);
      await stranger.goto('/password/forgot');
      await check(stranger, '/password/forgot');
    }
    assert.deepEqual(problems, []);
  });
}
