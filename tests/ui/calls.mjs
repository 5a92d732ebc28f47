// The list of calls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const rows = (page) => page.locator('.rows > .row');
const footer = (page) => page.locator('.foot').innerText();

async function settled(page) {
  await rows(page).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.rows')?.textContent?.includes('…'));
}

/** Every call of the database is reached by scrolling, however many pages that takes. */
export async function scrolls_to_the_end({ page, server }) {
  let total = 0;
  for (let cursor = ''; cursor !== null;) {
    const answer = await server.api(`/calls?limit=1000${cursor && `&cursor=${cursor}`}`);
    total += answer.items.length;
    cursor = answer.next;
  }
  await page.at('/calls');
  await settled(page);
  assert.match(await footer(page), /^100 calls loaded, more/);
  const drawn = await rows(page).count();
  assert.ok(drawn < 70, `${drawn} rows are drawn at once`);
  for (let i = 0; i < 20 && /more/.test(await footer(page)); i++) {
    await page.locator('.scroll').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.waitForTimeout(50);
  }
  assert.equal(await footer(page), `${total} calls`);
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
  await page.waitForFunction(() => document.querySelector('.foot')?.textContent?.startsWith('100 calls'));
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
