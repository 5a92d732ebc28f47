// The page of one call.
import assert from 'node:assert/strict';

async function lossy(server) {
  const answer = await server.api('/calls?limit=1000&filter=loss_pct%20%3E%202');
  const call = answer.items.find((one) => one.legs.length === 1);
  return call.id;
}

/** From the list over a bad call to what was wrong with it, in words. */
export async function leads_from_a_bad_call_to_the_reason({ page }) {
  await page.at('/calls');
  await page.getByRole('button', { name: 'Loss above 1 %' }).click();
  await page.waitForURL(/filter=loss_pct/);
  await page.waitForFunction(() => /^\d+ calls$/.test(document.querySelector('.foot')?.textContent ?? ''));
  await page
    .locator('.rows > .row .mos.fair, .rows > .row .mos.poor, .rows > .row .mos.bad')
    .first()
    .waitFor();
  await page.keyboard.press('j');
  await page.locator('.row.chosen').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/calls\/[0-9a-f]{16}/);
  await page.locator('.finding .sentence').first().waitFor();
  assert.match(await page.locator('.findings').innerText(), /lost|loss/i);
  await page.locator('.explain summary').first().click();
  assert.match(await page.locator('.explain table').first().innerText(), /ppl|bpl/);
  await page.keyboard.press('u');
  await page.waitForURL(/filter=loss_pct/);
}

/** What the page says of a stream is what the API says of it. */
export async function shows_the_figures_of_the_api({ page, server }) {
  const id = await lossy(server);
  const whole = await server.api(`/calls/${id}`);
  await page.at(`/calls/${id}`);
  await page.locator('.card.stream').first().waitFor();
  assert.equal(await page.locator('.card.stream').count(), whole.streams.length);
  for (const stream of whole.streams) {
    const card = page.locator('.card.stream', { hasText: `${stream.src} → ${stream.dst}` });
    const text = await card.innerText();
    assert.ok(text.includes(`${stream.loss_pct.toFixed(2)} %`), stream.id);
    for (const buffer of stream.buffers) assert.ok(text.includes(buffer.mos_lq.toFixed(2)), buffer.name);
    assert.ok(text.includes(stream.jitter_mean_ms.toFixed(2)));
    if (stream.far_loss_pct !== null) assert.ok(text.includes(`${stream.far_loss_pct.toFixed(2)} %`));
  }
}

export async function opens_a_message({ page, server }) {
  const id = await lossy(server);
  const ladder = await server.api(`/calls/${id}/ladder`);
  await page.at(`/calls/${id}`);
  const steps = page.locator('.ladder ol button');
  await steps.first().waitFor();
  assert.equal(await steps.count(), ladder.messages.length);
  await steps.first().click();
  const pane = page.locator('.pane');
  await pane.waitFor();
  assert.equal(
    (await pane.locator('pre').textContent()).split(/\r?\n/)[0],
    ladder.messages[0].raw.split(/\r?\n/)[0],
  );
  await page.waitForURL(/message=/);
  await page.keyboard.press('j');
  await page.waitForFunction(
    (text) => document.querySelector('.pane h3')?.textContent === text,
    ladder.messages[1].summary,
  );
  await page.keyboard.press('Escape');
  await pane.waitFor({ state: 'detached' });
}

/** Looking closer in one drawing looks closer in all of them. */
export async function zooms_everything_together({ page, server }) {
  await page.at(`/calls/${await lossy(server)}`);
  const over = page.locator('.plot .u-over').first();
  await over.waitFor();
  const shown = page.locator('.zoom .dim');
  const whole = await shown.innerText();
  const steps = page.locator('.ladder ol button');
  const all = await steps.count();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((text) => document.querySelector('.zoom .dim')?.textContent !== text, whole);
  assert.ok((await steps.count()) < all, 'the ladder shows the messages of that time only');
  const ticks = await page.locator('.tick text').allTextContents();
  const [from, to] = (await shown.innerText()).split(' – ');
  assert.ok(
    ticks.every((tick) => tick >= from.slice(0, 8) && tick <= to),
    `${ticks} within ${from} – ${to}`,
  );
  await page.keyboard.press('0');
  await page.waitForFunction((text) => document.querySelector('.zoom .dim')?.textContent === text, whole);
}

export async function says_that_there_is_no_such_call({ page }) {
  page.expectProblem = true;
  await page.at('/calls/0123456789abcdef');
  await page.getByText('There is no such call').waitFor();
  await page.at('/calls/%3Cscript%3Ealert(1)%3C%2Fscript%3E');
  await page
    .getByText(/no such call|could not be loaded/)
    .first()
    .waitFor();
}

/** On paper there are no controls, and nothing is cut off. */
export async function prints_a_report({ page, server }) {
  await page.at(`/calls/${await lossy(server)}`);
  await page.locator('.card.stream').first().waitFor();
  await page.locator('.explain summary').first().waitFor();
  const printed = page.evaluate(() => new Promise((resolve) => (window.print = resolve)));
  await page.getByRole('button', { name: 'Report' }).click();
  await printed;
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light', 'paper is white');
  assert.equal(await page.locator('.explain details:not([open])').count(), 0, 'nothing is folded away');
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.top', '.calltools']) assert.ok(!(await page.locator(hidden).isVisible()), hidden);
  for (const seen of ['.findings', '.timeline', '.ladder', '.card.stream'])
    assert.ok(await page.locator(seen).first().isVisible(), seen);
}

prints_a_report.options = { colorScheme: 'dark' };

export async function fits_a_phone({ page, server }) {
  await page.at(`/calls/${await lossy(server)}`);
  await page.locator('.card.stream').first().waitFor();
  await page.locator('.plot canvas').first().waitFor();
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${over} px too wide`);
}
fits_a_phone.options = { viewport: { width: 390, height: 844 }, hasTouch: true };
