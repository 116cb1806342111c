// Import Users in Chromium: the export without two lines takes two people away, and restoring brings them back.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { checkPage, pageOf, rows, startBrowser, startDemo } from './support.mjs';

let demo;
let browser;
let folder;
before(async () => {
  folder = mkdtempSync('/tmp/headroom-imports-');
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const as = (username, options) => pageOf(browser, demo.address, username, options);
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const link = (page, name) => page.getByRole('link', { name, exact: true });

/** The export as lines, and a function that writes some of them into a file. */
async function exported(page) {
  await page.goto('/users');
  const download = page.waitForEvent('download');
  await link(page, 'EXPORT TO CSV').click();
  return readFileSync(await (await download).path(), 'utf8').trimEnd().split('\r\n');
}

function file(name, lines) {
  writeFileSync(`${folder}/${name}`, `${lines.join('\r\n')}\r\n`);
  return `${folder}/${name}`;
}

async function upload(page, path) {
  await link(page, 'Import Users').click();
  await heading(page, 'Import Users');
  await page.getByLabel('Choose file').setInputFiles(path);
  await page.getByLabel('Synchronize Users').check();
  await button(page, 'Submit').click();
}

/** Lines of people who can go: somebody who holds a role may be protected. */
const leavers = (lines, count) => lines.slice(1).filter((line) => line.split(',')[6] === '').slice(0, count);

const fullName = (line) => line.split(',').slice(3, 5).join(' ');

test('two lines less: two people go, a license with each who held one, and both come back', async () => {
  const page = await as('org.admin');
  const lines = await exported(page);
  const gone = leavers(lines, 2);
  await upload(page, file('leavers.csv', lines.filter((line) => !gone.includes(line))));
  await heading(page, 'Check before anything changes');
  await page.getByText('Nothing has changed yet').waitFor();
  const listed = (await rows(page)).map((row) => row[0]);
  assert.equal(listed.length, 2);
  for (const line of gone) assert.ok(listed.some((name) => name.startsWith(fullName(line))), fullName(line));
  await checkPage(page, 'preview');
  const address = page.url();

  await button(page, 'Delete 2 users').click();
  await heading(page, '2 users deleted');
  assert.equal(page.url(), address, 'the result has the address of the preview');
  await checkPage(page, 'result');
  // a username may be the beginning of another one, an e-mail address may not
  const email = gone[0].split(',')[2];
  await page.goto(`/users?q=${encodeURIComponent(email)}`);
  await page.getByRole('heading', { name: 'Nobody matches' }).waitFor();

  await page.goto(address);
  await page.getByLabel(`Select ${fullName(gone[0])}`).check();
  await button(page, 'RESTORE').click();
  await page.getByRole('heading', { name: '1 user is restored' }).waitFor();
  await button(page, 'Restore 1 user').click();
  await page.getByRole('heading', { name: '1 user is restored' }).waitFor();
  await page.goto(`/users?q=${encodeURIComponent(email)}`);
  assert.equal((await rows(page)).length, 1);
});

test('it all works without JavaScript, and expiring keeps the accounts', async () => {
  const page = await as('org.admin', { javaScriptEnabled: false });
  const lines = await exported(page);
  // nobody whom the test before has just brought back: whoever came within a second of the export is protected
  const gone = leavers(lines, 3).slice(2);
  await upload(page, file('one-less.csv', lines.filter((line) => !gone.includes(line))));
  for (let looks = 0; looks < 40 && (await link(page, 'Refresh').count()) > 0; looks += 1) {
    await link(page, 'Refresh').click();
    await page.waitForTimeout(250);
  }
  await heading(page, 'Check before anything changes');
  await button(page, 'Expire all enrolments of 1 user').click();
  await heading(page, '1 user without access');
  await link(page, 'Imports').click();
  await heading(page, 'Imports');
  assert.match((await rows(page))[0].join(' '), /one-less\.csv.*Applied.*1 user without access/);
});

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 800 } },
  { colorScheme: 'light', viewport: { width: 320, height: 700 } },
];

for (const look of LOOKS) {
  test(`every screen of an import is accessible and fits, ${look.colorScheme}, ${look.viewport.width} px`, async () => {
    const page = await as('org.admin', look);
    const lines = await exported(page);
    const name = `changes-${look.viewport.width}`;

    const added = `,${name},${name}@acme.example,Nia,New,,,,,,,`;
    const wrong = ',x,no-address,=1+1,Y,Nowhere,boss,31.12.99,,,,';
    await upload(page, file(`${name}.csv`, [...lines, added, wrong]));
    await heading(page, 'Check before anything changes');
    const address = new URL(page.url()).pathname;
    const problems = [];
    const check = async (what) => checkPage(page, what).catch((error) => problems.push(error.message));
    for (const show of ['deleted', 'changed', 'added', 'protected', 'refused', 'unchanged']) {
      await page.goto(`${address}?show=${show}`);
      await check(`preview: ${show}`);
    }
    await button(page, 'Add 1 user').click();
    await heading(page, '1 user added');
    await check('result');
    await page.goto('/imports');
    await check('list');
    await page.goto('/users/import');
    await page.getByText('What may the file look like?').click();
    await check('form');
    await page.getByLabel('Choose file').setInputFiles(file('nothing.csv', ['PK\u0003\u0004']));
    await button(page, 'Submit').click();
    await heading(page, 'The file cannot be read');
    await check('refused');
    assert.deepEqual(problems, []);
  });
}
