// The list of calls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { WAIT_MS } from './browser.mjs';

const rows = (page) => page.locator('.rows > .row');
const footer = (page) => page.locator('.foot').innerText();

async function settled(page) {
  await rows(page).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.rows')?.textContent?.includes('…'));
}

/** Every call of the database is reached by scrolling, and by a key the last one at once. */
export async function scrolls_to_the_end({ page, server }) {
  const all = [];
  for (let cursor = ''; cursor !== null;) {
    const answer = await server.api(`/calls?limit=1000${cursor && `&cursor=${cursor}`}`);
    all.push(...answer.items);
    cursor = answer.next;
  }
  await page.at('/calls');
  await settled(page);
  assert.equal(await footer(page), `${all.length} calls`);
  const drawn = await rows(page).count();
  assert.ok(drawn < 70, `${drawn} rows are drawn at once`);
  await page.locator('.scroll').focus();
  await page.keyboard.press('End');
  await page.locator(`.rows a[href="/calls/${all.at(-1).id}"]`).waitFor();
  await settled(page);
  await page.keyboard.press('Home');
  await page.locator(`.rows a[href="/calls/${all[0].id}"]`).waitFor();
  /* A filter has no number of rows, but page for page all of them. */
  const wanted = all.filter((call) => call.mos_lq_min > 1).length;
  await page.at('/calls?filter=mos_lq_min%20%3E%201');
  await settled(page);
  for (let i = 0; i < 20 && /more/.test(await footer(page)); i++) {
    await page.locator('.scroll').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.waitForTimeout(50);
  }
  assert.equal(await footer(page), `${wanted} calls`);
}

const MILLION = 1_000_000;
const ROW_PX = 34;

/* A server that has a million calls; the newest of them is number 0. */
async function makeMillion(page, server) {
  const [pattern] = (await server.api('/calls?limit=1')).items;
  const newest = Date.parse('2026-01-05T00:00:00Z');
  const asked = [];
  const id = (number) => number.toString(16).padStart(16, '0');
  await page.route('**/api/v1/calls?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    if (query.get('filter')) return route.fallback();
    const skip = Number(query.get('skip'));
    asked.push({ skip, to: query.get('to') });
    const count = Math.max(0, Math.min(Number(query.get('limit')), MILLION - skip));
    const items = Array.from({ length: count }, (_, i) => ({
      ...pattern,
      id: id(skip + i),
      start: new Date(newest - (skip + i) * 1000).toISOString().replace('Z', '000Z'),
    }));
    await route.fulfill({
      json: { items, reached: null, ...(skip ? {} : { total: MILLION }), truncated: false, next: null },
    });
  });
  for (const kind of ['legs', 'streams'])
    await page.route(`**/api/v1/${kind}?*`, (route) =>
      route.fulfill({ json: { items: [], reached: null, truncated: false, next: null } }),
    );
  return { asked, link: (number) => page.locator(`.rows a[href="/calls/${id(number)}"]`) };
}

/* Numbers of the rows that lie within the box, from above: none is left out, none comes twice. */
async function seen(page) {
  await settled(page);
  const numbers = await page.evaluate(() => {
    const box = document.querySelector('.scroll').getBoundingClientRect();
    const head = document.querySelector('.row.head').getBoundingClientRect();
    return [...document.querySelectorAll('.rows > .row')]
      .map((row) => ({ at: row.getBoundingClientRect(), href: row.querySelector('a')?.getAttribute('href') }))
      .filter(({ at }) => at.top >= head.bottom - 1 && at.bottom <= box.bottom + 1)
      .sort((a, b) => a.at.top - b.at.top)
      .map(({ href }) => parseInt(href.slice(7), 16));
  });
  numbers.forEach((number, i) => assert.equal(number, numbers[0] + i, numbers.join()));
  assert.ok(numbers.length > 5);
  return numbers;
}

/* Browsers move by and by: the rows that are seen once it is as wanted. */
async function seenOnce(page, wanted) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const numbers = await seen(page).catch((error) => error);
    if (Array.isArray(numbers) && wanted(numbers)) return numbers;
    assert.ok(Date.now() < deadline, `it stays at ${numbers}`);
    await page.waitForTimeout(50);
  }
}

const barTo = (page, share) =>
  page.locator('.scroll').evaluate((box, part) => {
    box.scrollTop = (box.scrollHeight - box.clientHeight) * part;
  }, share);

/** More rows than a browser draws pixels: the bar stands for a part of them each. */
export async function scrolls_through_a_million({ page, server }) {
  const { asked, link } = await makeMillion(page, server);
  await page.at('/calls');
  assert.equal((await seen(page))[0], 0);
  assert.equal(await footer(page), '1,000,000 calls');
  const tall = await page.locator('.rows').evaluate((one) => one.offsetHeight);
  assert.ok(tall < MILLION * ROW_PX, `${tall} px is as much as browsers draw`);
  /* Dragged to the middle, then to the end, and back. */
  await barTo(page, 0.5);
  const [middle] = await seenOnce(page, ([top]) => Math.abs(top - MILLION / 2) < 100);
  await page.waitForURL((url) => Math.abs(Number(url.searchParams.get('row')) - middle - 1) <= 1);
  await barTo(page, 1);
  await seenOnce(page, (numbers) => numbers.at(-1) === MILLION - 1);
  /* What comes meanwhile moves no row: pages are of what was there. */
  assert.ok(asked.slice(1).every((one) => one.to === '2026-01-05T00:00:00.000001Z'));
  assert.ok(asked.length < 15, `${asked.length} pages were asked for`);
  await barTo(page, 0);
  await seenOnce(page, ([top]) => top === 0);
  /* The keys go by the screen wherever one is, and to both ends. */
  await page.locator('.scroll').focus();
  await page.keyboard.press('End');
  const last = await seenOnce(page, (numbers) => numbers.at(-1) === MILLION - 1);
  await page.keyboard.press('PageUp');
  await seenOnce(page, ([top]) => {
    const moved = last[0] - top;
    return moved > last.length / 2 && moved <= last.length + 2;
  });
  await page.keyboard.press('PageDown');
  await seenOnce(page, (numbers) => numbers.at(-1) === MILLION - 1);
  await page.keyboard.press('Home');
  await seenOnce(page, ([top]) => top === 0);
  await page.mouse.move(600, 600);
  await page.mouse.wheel(0, 10 * ROW_PX);
  await seenOnce(page, ([top]) => Math.abs(top - 10) <= 1);
}

/** A place in it can be sent, is found again, and goes with the list that it is of. */
export async function a_place_in_the_list_is_kept({ page, server }) {
  const { link } = await makeMillion(page, server);
  page.expectProblem = true; // there is no such call as the one that is opened
  await page.at('/calls?row=700001');
  await seenOnce(page, ([top]) => Math.abs(top - 700_000) <= 1);
  await link(700_003).click();
  await page.waitForURL(/\/calls\/0{11}aae63/);
  await page.goBack();
  await link(700_000).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('mos_lq_min < 3.6');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.has('filter') && !url.searchParams.has('row'));
  const wanted = await server.api('/calls?limit=1000&filter=mos_lq_min%20%3C%203.6');
  await page.waitForFunction(
    (n) => document.querySelector('.foot')?.textContent === `${n} calls`,
    wanted.items.length,
  );
  assert.equal(await page.locator('.scroll').evaluate((box) => box.scrollTop), 0);
  await page.goBack();
  await link(700_000).waitFor();
}

/** A server that is busy for a moment is asked again, and nobody has to. */
export async function a_busy_server_is_asked_again({ page, server }) {
  let busy = 0;
  page.expectProblem = true;
  for (const [path, times] of [['calls', 1], ['legs', 2]]) {
    let left = times;
    await page.route(`**/api/v1/${path}?*`, (route) => {
      if (left-- <= 0) return route.fallback();
      busy++;
      return route.fulfill({ status: 503, json: { code: 'busy', detail: 'too many questions at once' } });
    });
  }
  await page.at('/calls');
  await settled(page);
  assert.equal(busy, 3);
  const { total } = await server.api('/calls?skip=0&limit=1');
  assert.equal(await footer(page), `${total} calls`);
  assert.equal(await page.locator('.state.failed').count(), 0);
}

export async function filters_by_typing({ page, server }) {
  const wanted = await server.api('/calls?limit=1000&filter=mos_lq_min%20%3C%203.6');
  await page.at('/calls');
  await settled(page);
  await page.keyboard.press('/');
  await page.keyboard.type('mos_lq_min < 3.6');
  await page.keyboard.press('Enter');
  await page.waitForURL(/filter=mos_lq_min/);
  await page.waitForFunction(
    (n) => document.querySelector('.foot')?.textContent === `${n} calls`,
    wanted.items.length,
  );
  assert.ok(wanted.items.length > 0);
  await page.goBack();
  await page.waitForFunction(() => !/^\d calls/.test(document.querySelector('.foot')?.textContent ?? ''));
}

/** What is wrong with a filter is said under the very place. */
export async function shows_the_place_of_a_mistake({ page }) {
  page.expectProblem = true;
  await page.at('/calls?filter=one_way%20and%20mos_lq_mni%20%3C%203.6');
  const problem = page.locator('#filter-problem');
  await problem.waitFor();
  assert.match(await problem.innerText(), /did you mean mos_lq_min/);
  const [typed, caret] = (await problem.locator('pre').textContent()).split('\n');
  assert.equal(typed.slice(caret.indexOf('^')).split(' ')[0], 'mos_lq_mni');
  assert.equal(await page.locator('#filter').getAttribute('aria-invalid'), 'true');
}

export async function filters_by_a_cell_and_a_bar({ page }) {
  await page.at('/calls');
  await settled(page);
  const cell = page.locator('.row .cell', { has: page.locator('.callstate', { hasText: 'failed' }) }).first();
  await cell.hover();
  await cell.locator('.funnel').click();
  await page.waitForURL(/filter=state/);
  await settled(page);
  const states = await page.locator('.rows .callstate').allInnerTexts();
  assert.ok(states.length > 0 && states.every((state) => state.startsWith('failed')), states.join());
  await page.at('/calls?filter=mos_lq_min%20%3C%203.6');
  await settled(page);
  assert.ok(!/more/.test(await footer(page)), 'all of them are in the chart');
  const bar = page.locator('.histogram').nth(1).locator('button:not([disabled])').first();
  const label = await bar.getAttribute('aria-label');
  await bar.click();
  await page.waitForURL(/mos_lq_min%3E|mos_lq_min\+%3E/);
  await page.waitForFunction(
    (n) => document.querySelector('.foot')?.textContent === `${n} calls`,
    Number(/(\d+) calls/.exec(label)[1]),
  );
}

export async function sorts({ page }) {
  await page.at('/calls');
  await settled(page);
  await page.getByRole('button', { name: /^MOS/ }).last().click();
  await page.waitForURL(/sort=-mos_lq_min/);
  await page.getByRole('button', { name: /^MOS/ }).last().click();
  await page.waitForURL(/sort=mos_lq_min/);
  await page.at('/calls?sort=mos_lq_min&filter=mos_lq_min%20!%3D%20null');
  await settled(page);
  const shown = (await page.locator('.rows .mos .figure').allInnerTexts()).map(Number);
  assert.deepEqual(
    shown,
    [...shown].sort((a, b) => a - b),
  );
  assert.ok(shown.length > 10);
}

export async function finds_a_number_in_any_format({ page, server }) {
  const legs = await server.api('/legs?limit=1000&filter=number_to%20!%3D%20null');
  const number = legs.items.find((leg) => /^\+?\d{4,}$/.test(leg.number_to)).number_to.replace(/^\+/, '');
  const calls = new Set(
    legs.items
      .filter((leg) => leg.number_to.endsWith(number) || leg.number_from?.endsWith(number))
      .map((leg) => leg.call),
  );
  for (const written of [number, `+${number}`, `00${number}`, `${number.slice(0, 2)} ${number.slice(2)}`]) {
    await page.at('/calls');
    await page.locator('#find-number').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.type(written);
    await page.keyboard.press('Enter');
    await page.waitForURL(/filter=/);
    await settled(page);
    assert.ok(parseInt(await footer(page), 10) >= Math.min(100, calls.size), written);
  }
}

export async function remembers_columns({ page }) {
  await page.at('/calls?columns=start,state,call_id');
  await settled(page);
  assert.deepEqual(
    (await page.locator('[role=columnheader]').allInnerTexts()).map((t) => t.replace(/\s.*/s, '')),
    ['Start', 'State', 'Call-ID'],
  );
  await page.locator('.menu summary').click();
  await page.getByLabel('Jitter').check();
  await page.waitForURL(/jitter/);
  await page.at('/calls');
  await settled(page);
  assert.equal(await page.locator('[role=columnheader]').count(), 4);
}

/** Cards on a phone; nothing sticks out at the side. */
export async function is_usable_on_a_phone({ page }) {
  for (const path of ['/calls', '/calls?filter=loss_pct%20%3E%202']) {
    await page.at(path);
    await settled(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${path}: ${over} px too wide`);
    assert.ok(await page.locator('.table.narrow').isVisible());
  }
}
is_usable_on_a_phone.options = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** What is saved is what the API gives as CSV for the same question. */
export async function saves_csv({ page, server }) {
  await page.at('/calls?filter=one_way');
  await settled(page);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const download = await saved;
  assert.equal(download.suggestedFilename(), 'earshot-calls.csv');
  const wanted = await fetch(`${server.base}/api/v1/calls?filter=one_way&limit=1000`, {
    headers: { Accept: 'text/csv' },
  });
  assert.equal(readFileSync(await download.path(), 'utf8'), await wanted.text());
}
