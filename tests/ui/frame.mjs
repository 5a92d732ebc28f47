// What is around every view.
import assert from 'node:assert/strict';
import { Server, openPage } from './browser.mjs';

/** The server goes away and comes back: the page says so, and goes on without a reload. */
export async function loses_the_server_and_finds_it_again({ browser, program, database }) {
  const server = await new Server(program, database).start();
  const page = await openPage(browser, server);
  await page.at('/calls');
  await page.locator('.rows > .row').first().waitFor();
  await page.evaluate(() => (window.sameDocument = true));
  page.expectLoss = true; // of what is being asked just now, too
  await server.stop();
  await page.getByRole('button', { name: 'Failed', exact: true }).click();
  await page.getByText('The server does not answer.').waitFor();
  await server.start();
  await page.locator('.banner').waitFor({ state: 'detached' });
  await page.locator('.rows > .row .callstate.wrong').first().waitFor();
  assert.ok(await page.evaluate(() => window.sameDocument), 'the page was not loaded anew');
  await page.done();
  await server.stop();
}

export async function has_keys_and_says_which({ page }) {
  await page.at('/calls');
  await page.locator('.rows > .row').first().waitFor();
  await page.keyboard.press('?');
  assert.match(await page.locator('dialog.help').innerText(), /find a number/);
  await page.keyboard.press('Escape');
  await page.locator('dialog.help').waitFor({ state: 'hidden' });
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.keyboard.press('d');
  assert.notEqual(await page.evaluate(() => document.documentElement.dataset.theme), before);
  await page.reload();
  assert.notEqual(
    await page.evaluate(() => document.documentElement.dataset.theme),
    before,
    'it is remembered',
  );
}

/** Files with a hash in their names are kept for ever, the page itself is asked for each time. */
export async function may_be_cached({ page, server }) {
  const index = await fetch(`${server.base}/`);
  assert.equal(index.headers.get('cache-control'), 'no-cache');
  const html = await index.text();
  for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
    const packed = await fetch(server.base + path);
    const plain = await fetch(server.base + path, { headers: { 'Accept-Encoding': 'identity' } });
    assert.equal(packed.status, 200, path);
    assert.equal(await packed.text(), await plain.text(), path);
    if (/-[0-9A-Z]{8}\./.test(path)) assert.match(packed.headers.get('cache-control'), /immutable/);
    const again = await fetch(server.base + path, {
      headers: { 'If-None-Match': packed.headers.get('etag') },
    });
    assert.equal(again.status, 304, path);
  }
  assert.match(await (await fetch(`${server.base}/licences.txt`)).text(), /preact[^]*uplot[^]*MIT/i);
  for (const path of ['/nothing.js', '/calls.js', '/index.html/x', '/..%2f..%2fetc%2fpasswd'])
    assert.equal((await fetch(server.base + path)).status, 404, path);
  assert.equal((await fetch(`${server.base}/`, { method: 'POST' })).status, 405);
  await page.at('/');
}
