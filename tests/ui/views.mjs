// The other views, and all of them at once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Server, openPage } from './browser.mjs';

const TABS = ['bindings', 'attempts', 'attacks', 'peers', 'outages'];
export const PATHS = [
  '/',
  '/calls',
  '/trunks',
  '/probe',
  '/findings',
  '/alerts',
  '/alerts?tab=history',
  '/alerts?tab=silences',
  '/alerts?tab=rules',
  '/account',
  '/account?tab=users',
  '/account?tab=tokens',
  '/account?tab=audit',
  ...TABS.map((tab) => `/security?tab=${tab}`),
];

const HOSTILE = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  'javascript:window.pwned=1 \u202egnp.exe',
];

export async function quiet(page) {
  await page.locator('main').waitFor();
  await page.waitForFunction(() => !document.querySelector('.state .spinner'));
}

/** A verdict in one line; each figure and each matter leads to the calls behind it. */
export async function the_overview_leads_to_a_bad_call({ page, server }) {
  await page.at('/');
  await page.locator('.verdictline h1').waitFor();
  assert.match(await page.locator('.verdictline h1').innerText(), /^Voice is (not |mostly )?fine/);
  const kpis = await server.api('/kpis?view=call');
  const tiles = await page.locator('.tiles').innerText();
  assert.ok(tiles.includes(String(kpis.items[0].seen)));
  assert.ok(tiles.includes(`${kpis.items[0].asr.toFixed(1)} %`));
  const wanted = await server.api('/calls?limit=1000&filter=one_way');
  await page.locator('.tile', { hasText: 'One-way audio' }).click();
  await page.waitForURL(/filter=one_way/);
  await page.waitForFunction(
    (n) => document.querySelector('.foot')?.textContent === `${n} calls`,
    wanted.items.length,
  );
  await page.locator('.rows > .row a').first().click();
  await page.waitForURL(/\/calls\/[0-9a-f]{16}/);
  await page.locator('.finding .sentence').first().waitFor();
}

/** Nothing is left loading, nothing is wider than the screen, nothing is wrong on the console. */
async function draws_all(page) {
  const calls = await page.request.get(`${page.base}/api/v1/calls?limit=3&filter=mos_lq_min%20%3C%204`);
  const ids = (await calls.json()).items.map((call) => `/calls/${call.id}`);
  for (const path of [...PATHS, ...ids]) {
    await page.at(path);
    await quiet(page);
    assert.ok((await page.locator('main').innerText()).length > 40, `${path} is empty`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${path} is ${over} px too wide`);
    assert.equal(await page.locator('.state.failed').count(), 0, path);
    const bare = await page.evaluate(() =>
      [...document.querySelectorAll('button, a, input, select')]
        .filter((one) => !(one.innerText || one.getAttribute('aria-label') || one.labels?.length))
        .map((one) => one.outerHTML),
    );
    assert.deepEqual(bare, [], `${path}: a control without a name`);
  }
}

export async function all_draw_on_a_desk({ page, server }) {
  page.base = server.base;
  await draws_all(page);
}
all_draw_on_a_desk.options = { colorScheme: 'dark' };

export async function all_draw_on_a_phone({ page, server }) {
  page.base = server.base;
  await draws_all(page);
}
all_draw_on_a_phone.options = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** What strangers wrote into SIP is text on every page, whatever it was meant to do. */
export async function hostile_calls_are_text({ browser, folder, program }) {
  const server = await new Server(program, `${folder}/hostile.db`).start();
  const page = await openPage(browser, server);
  try {
    const calls = await server.api('/calls?limit=1000&filter=leg.messages%20%3E%204');
    const trunks = await server.api('/kpis?group_by=trunk');
    const alerts = await server.api('/alerts?limit=1000');
    for (const alert of alerts.items.slice(0, HOSTILE.length)) {
      const text = HOSTILE[alerts.items.indexOf(alert)];
      await server.change('POST', `/alerts/${alert.id}/comment`, { text });
      await server.change('POST', '/silences', { match: text.slice(0, 60), comment: text, duration_s: 60 });
    }
    await server.change('POST', '/rules', {
      name: 'hostile',
      metric: 'asr',
      threshold: 1,
      match: HOSTILE[0].slice(0, 30),
      doc: HOSTILE[1],
    });
    const paths = [
      ...PATHS,
      ...alerts.items.slice(0, 3).map((alert) => `/alerts/${alert.id}`),
      ...calls.items.slice(0, 6).map((call) => `/calls/${call.id}`),
      ...trunks.items
        .slice(0, 2)
        .flatMap((row) => (row.trunk ? [`/trunks/${encodeURIComponent(row.trunk)}`] : [])),
      '/calls?columns=from,to,agent,call_id,trunk,prefix,reason',
    ];
    let shown = 0;
    for (const path of paths) {
      await page.at(path);
      await quiet(page);
      await page.waitForTimeout(100);
      const found = await page.evaluate(() => ({
        pwned: window.pwned,
        elements: [
          ...document.querySelectorAll(
            '#app img, #app script, #app iframe, #app [onerror], #app [onload], #app a[href^="javascript"]',
          ),
        ].length,
        text: document.body.innerText.includes('window.pwned'),
      }));
      assert.equal(found.pwned, undefined, path);
      assert.equal(found.elements, 0, path);
      assert.doesNotMatch(await page.locator('body').innerText(), /[\u202a-\u202e\u2066-\u2069\u001b]/, path);
      if (found.text) shown++;
    }
    assert.ok(shown > 5, `it is there to be read, on ${shown} pages`);
    await page.done();
  } finally {
    await server.stop();
  }
}

/** What fires is there with the way to its calls; what did is in the history. */
export async function alerts_lead_to_their_calls({ page, server }) {
  const firing = await server.api('/alerts?limit=1000&filter=state%20in%20(firing,%20clearing)');
  const all = await server.api('/alerts?limit=1000');
  await page.at('/alerts');
  await quiet(page);
  assert.ok(firing.items.length > 0 && all.items.length > firing.items.length);
  assert.equal(await page.locator('.firing > li').count(), firing.items.length);
  const wanted = firing.items.find((alert) => alert.query);
  await page
    .locator('.firing > li', { hasText: wanted.summary })
    .getByText('The calls behind it')
    .first()
    .click();
  await page.waitForURL((url) => url.searchParams.get('filter') === wanted.query);
  await page.at('/alerts?tab=history');
  await page.waitForFunction(
    (n) => document.querySelector('.listfoot')?.textContent?.startsWith(`${n} alerts`),
    Math.min(100, all.items.length),
  );
}

/** From the overview's list of causes to the findings of one of them, and to a call. */
export async function causes_lead_to_their_calls({ page }) {
  await page.at('/');
  const cause = page.locator('.causes .count').first();
  const count = Number(await cause.innerText());
  await cause.click();
  await page.waitForURL(/findings/);
  await page.waitForFunction(
    (n) => document.querySelector('.listfoot')?.textContent?.startsWith(`${n} findings`),
    Math.min(100, count),
  );
  await page.locator('.list a').first().click();
  await page.locator('.finding .sentence').first().waitFor();
}

/** Lists of the security view are filtered like calls are. */
export async function lists_are_filtered({ page, server }) {
  const wanted = await server.api('/registrations/attempts?limit=1000&filter=status%20%3D%20403');
  await page.at('/security?tab=attempts');
  await quiet(page);
  await page.keyboard.press('/');
  await page.locator('#filter').fill('status = 403');
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (n) => document.querySelector('.listfoot')?.textContent?.startsWith(`${n} attempts`),
    wanted.items.length,
  );
  page.expectProblem = true;
  await page.locator('#filter').fill('status = = 403');
  await page.keyboard.press('Enter');
  await page.locator('#filter-problem').waitFor();
}

/** The frames of the probe's page are those of the API, and add up. */
export async function the_probe_accounts_for_every_frame({ page, server }) {
  const { summary } = await server.api('/probe');
  await page.at('/probe');
  await quiet(page);
  const text = await page.locator('main').innerText();
  assert.ok(text.includes(summary.parsed.toLocaleString('en-GB')));
  assert.ok(
    text.includes(
      `${summary.frames.toLocaleString('en-GB')} seen = ${summary.frames.toLocaleString('en-GB')} in these four`,
    ),
  );
}

async function logIn(page, user, password) {
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/**
 * Whoever is not known logs in first, and a wrong password says no more than that. Who may not
 * see people is not offered to search for them.
 */
export async function strangers_log_in({ browser, folder, program, database }) {
  const password = 'correct horse battery';
  for (const user of [['alice', '--pii'], ['bob']])
    execFileSync(program, ['user', 'add', ...user, '--db', database], { input: `${password}\n` });
  const server = await new Server(program, database, ['--login']).start();
  const page = await openPage(browser, server);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  page.expectProblem = true;
  try {
    await page.at('/calls?filter=one_way');
    await page.getByLabel('User').waitFor();
    assert.deepEqual(
      asked.filter((path) => path.startsWith('/api/')),
      ['/api/v1/session'],
    );
    await logIn(page, 'alice', 'wrong');
    await page.locator('.wrongplace').waitFor();
    await logIn(page, 'alice', password);
    await page.locator('.rows > .row').first().waitFor();
    assert.match(page.url(), /filter=one_way/, 'where one wanted to go');
    assert.ok(await page.locator('#find-number').isEnabled());
    await page.getByTitle('Log out alice').click();
    await logIn(page, 'bob', password);
    await page.locator('.rows > .row .funnel').first().waitFor({ state: 'attached' });
    assert.ok(await page.locator('#find-number').isDisabled());
    assert.equal(await page.getByLabel(/^Only from/).count(), 0);
    await page.done();
  } finally {
    await server.stop();
  }
}

/** A call that goes on is shown as it sounds so far, in the list and on its page. */
export async function calls_in_progress_sound_so_far({ page, server }) {
  const [call] = (await server.api('/calls?limit=1&filter=mos_lq_min%20%3C%203')).items;
  const goesOn = (record) => ({ ...record, state: 'in_progress', ended: null });
  const stream = (record) => ({ ...record, flags: ['in_progress'] });
  for (const [path, change] of [
    ['/calls?*', (body) => ({ ...body, items: body.items.map(goesOn) })],
    ['/legs?*', (body) => ({ ...body, items: body.items.map(goesOn) })],
    ['/streams?*', (body) => ({ ...body, items: body.items.map(stream) })],
    [
      `/calls/${call.id}`,
      (body) => ({
        ...body,
        call: goesOn(body.call),
        legs: body.legs.map(goesOn),
        streams: body.streams.map(stream),
      }),
    ],
  ])
    await page.route(`**/api/v1${path}`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: change(await answer.json()) });
    });
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.at('/calls?filter=mos_lq_min%20%3C%203');
  const row = page.locator('.rows > .row').first();
  await row.getByText('so far').first().waitFor();
  assert.equal(await row.getByText('so far').count(), 2, 'each direction');
  await row.locator('a').first().click();
  await page.locator('.callhead').getByText('so far').waitFor();
  assert.match(await page.locator('.callhead').innerText(), /talking for \d/);
  assert.equal(await page.getByText(/All figures so far, as of \d\d:\d\d:\d\d/).count(), 2);
  assert.ok(!asked.some((url) => url.includes('/timeline')), 'which is told at the end');
}

/** Where a probe runs, its pages say what is going on, and offer calls that ended meanwhile. */
export async function a_running_probe_is_watched({ page, server }) {
  const [call] = (await server.api('/calls?limit=1')).items;
  const live = {
    kind: 'live',
    at: '2026-01-05T10:00:00.000000Z',
    store: {
      durable: 5,
      waiting: true,
      held_bytes: 2048,
      spill_bytes: 0,
      trouble: 'disk_full',
      waiting_s: 7,
    },
    account_age_s: 1,
    account: { frames: 12345, kernel: [{ interface: 'eth1', dropped: 3 }] },
    calls_in_progress: 42,
    quality: {
      ...{ streams: 12, good: 8, fair: 1, poor: 1, bad: 2, unscored: 0 },
      worst: [
        {
          ...{ stream: '00000000000000aa', call: call.id, direction: 'reverse' },
          ...{ at: '2026-01-05T09:59:58.000000Z', mos_lq: 2.5, band: 'nb' },
          ...{ loss_pct: 7.25, jitter_mean_ms: 12.5 },
        },
      ],
    },
  };
  const counters = { intervals_good: 5, intervals_bad: 5 };
  const before = {
    ...live,
    at: '2026-01-05T09:59:50.000000Z',
    account: { frames: 12000, counters: { intervals_good: 2, intervals_bad: 4 } },
  };
  live.account.counters = counters;
  const events = `event: counters\nid: 1\ndata: ${JSON.stringify(before)}\n\nevent: counters\nid: 3\ndata: ${JSON.stringify(live)}\n\nevent: call\nid: 2\ndata: ${JSON.stringify(call)}\n\n`;
  await page.route('**/api/v1/version', (route) =>
    route.fulfill({ json: { name: 'earshot', version: '0', api: 'v1', live: true } }),
  );
  await page.route('**/api/v1/events', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: events }),
  );
  await page.at('/probe');
  await page.locator('.livedot').waitFor();
  const now = await page.getByRole('region', { name: 'Now' }).innerText();
  for (const said of ['42', '12,345', '3', 'disk full, for 7.0 s', '2.0 KiB'])
    assert.ok(now.includes(said), `${said} in ${now}`);
  /* Of the intervals between two accounts three sounded good, and one bad. */
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  const sound = page.getByRole('region', { name: 'Calls in progress, now' });
  await sound.getByText('75.0 %').waitFor();
  assert.match(await sound.innerText(), /25\.0 %\s*bad\s*of 4 intervals/);
  /* Two of twelve streams that go on sound bad so far; the lowest leads to its call. */
  assert.match(await sound.innerText(), /16\.7 %\s*bad\s*of 12 streams/);
  const lowest = sound.getByRole('row', { name: /callee/ });
  assert.match(await lowest.innerText(), /2\.50\s*nb[^]*7\.25 %\s*12\.5 ms\s*09:59:58/);
  await page.locator('.matters').getByText('Calls in progress sound bad').waitFor();
  assert.equal(await lowest.getByRole('link').getAttribute('href'), `/calls/${call.id}`);
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await page.locator('.rows > .row').first().waitFor();
  await page.locator('.news').click();
  await page.locator('.rows > .row').first().waitFor();
}

/**
 * A list of calls that go on follows them by itself: how they sound, those that begin and those
 * that end. Who is among the rows keeps the row.
 */
export async function calls_in_progress_are_followed({ page, server }) {
  const all = (await server.api('/calls?limit=9&filter=mos_lq_min%20%3E%200')).items;
  let shown = all.slice(1, 4);
  let mos = 3.91;
  const sounds = (call) => ({ ...call, state: 'in_progress', ended: null, mos_lq_min: mos });
  const live = { kind: 'live', at: '2026-01-05T10:00:00.000000Z', store: null, account_age_s: 1 };
  await page.route('**/api/v1/version', (route) =>
    route.fulfill({ json: { name: 'earshot', version: '0', api: 'v1', live: true } }),
  );
  await page.route('**/api/v1/events', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body: `retry: 300\nevent: counters\nid: 1\ndata: ${JSON.stringify({ ...live, account: null, calls_in_progress: 3 })}\n\n`,
    }),
  );
  await page.route('**/api/v1/calls?*', async (route) => {
    const answer = await route.fetch();
    const wanted = /filter=id\+?(%20)?in/.test(route.request().url().replace(/%20/g, '+'));
    const known = (await answer.json()).items.map((call) => call.id);
    const items = wanted ? all.filter((call) => known.includes(call.id)) : shown;
    await route.fulfill({
      json: { items: items.map(sounds), reached: null, truncated: false, next: null },
    });
  });
  await page.at('/calls?filter=state%20%3D%20in_progress');
  const rows = page.locator('.rows > .row');
  await rows.first().getByText('3.91').waitFor();
  assert.equal(await rows.count(), 3);
  mos = 2.22;
  await rows.first().getByText('2.22').waitFor();
  shown = all.slice(0, 4);
  await page.waitForFunction(() => document.querySelectorAll('.rows > .row').length === 4);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const kept = await rows.nth(1).locator('a').first().getAttribute('href');
  shown = all.slice(0, 1);
  mos = 1.77;
  await rows.nth(1).getByText('1.77').waitFor();
  assert.equal(await rows.nth(1).locator('a').first().getAttribute('href'), kept, 'nothing moved');
  assert.equal(await rows.count(), 4);
  assert.equal(await page.locator('.rows > .row.chosen').getAttribute('aria-rowindex'), '2');
}

/** Of more minutes than the server looks at the charts are by the hour, of all of the time. */
export async function charts_fit_the_time({ page }) {
  const asked = [];
  await page.route('**/api/v1/kpis?*', async (route) => {
    const step = new URL(route.request().url()).searchParams.get('step');
    asked.push(step);
    const answer = await route.fetch();
    const body = await answer.json();
    const reached = step === 'minute' ? body.to : null;
    await route.fulfill({ json: { ...body, reached, truncated: reached !== null } });
  });
  await page.at('/');
  await page.getByText('each hour').first().waitFor();
  assert.ok(asked.includes('minute') && asked.includes('hour') && !asked.includes('day'), String(asked));
}
