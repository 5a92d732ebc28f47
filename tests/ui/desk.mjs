// What people do, not only look at: alerts in hand, said of, silenced.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { Server, openPage } from './browser.mjs';

/** A database of its own, for what is done stays beside it. */
export async function alone({ browser, folder, program, database }, name, work, options = []) {
  copyFileSync(database, `${folder}/${name}.db`);
  const server = await new Server(program, `${folder}/${name}.db`, options).start();
  const page = await openPage(browser, server);
  try {
    await work(page, server);
    await page.done();
  } catch (error) {
    error.message += `\n${page.wrongs.join('\n')}`;
    await page.screenshot({ path: `${folder}/${name}.png` }).catch(() => undefined);
    throw error;
  } finally {
    await server.stop();
  }
}

/** Acknowledged, commented, given back: on the card, in the alert's own story, in the history. */
export async function alerts_are_taken_in_hand(all) {
  await alone(all, 'hand', async (page, server) => {
    await page.at('/alerts');
    const card = page.locator('.firing > li').first();
    const summary = await card.locator('h3').innerText();
    const waiting = page.locator('header .waiting');
    const before = Number(await waiting.innerText());
    assert.equal(before, await page.locator('.firing > li').count());
    await card.getByRole('button', { name: 'Acknowledge' }).click();
    const held = page.locator('.firing > li.held', { hasText: summary }).first();
    await held.locator('.tag', { hasText: 'in hand: local' }).waitFor();
    await page.waitForFunction((n) => document.querySelector('header .waiting')?.textContent === String(n), before - 1);
    await held.getByRole('button', { name: 'Comment' }).click();
    await page.getByLabel('Comment').fill('<b>carrier called</b>');
    await page.keyboard.press('Enter');
    await held.getByLabel('Comment').waitFor({ state: 'detached' });
    await held.locator('h3 a').click();
    await page.waitForURL(/\/alerts\/[0-9a-f]{16}/);
    await page.locator('.course q', { hasText: '<b>carrier called</b>' }).waitFor();
    await page.locator('.course', { hasText: 'How it went' }).getByText('firing').first().waitFor();
    await page.getByRole('button', { name: 'Give back' }).click();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    const { items } = await server.api('/alerts/notes');
    assert.deepEqual(
      items.map((note) => note.action),
      ['reopened', 'commented', 'acknowledged'],
    );
    await page.locator('.examples a').last().click();
    await page.waitForURL(/\/calls/);
  });
}

/** From an alert, and without one; ended again. */
export async function alerts_are_silenced(all) {
  await alone(all, 'silence', async (page, server) => {
    await page.at('/alerts');
    const card = page.locator('.firing > li').first();
    await card.getByRole('button', { name: 'Silence' }).click();
    await card.getByLabel('Why').fill('works on the line');
    await card.locator('.deed select').selectOption({ label: '4 hours' });
    await card.locator('.deed button[type=submit]').click();
    await card.getByLabel('Why').waitFor({ state: 'detached' });
    const [made] = (await server.api('/silences')).items;
    assert.equal(Date.parse(made.ends) - Date.parse(made.begins), 4 * 3600 * 1000);
    assert.ok(made.rule);
    await page.getByRole('link', { name: 'Silences' }).click();
    const row = page.locator('tbody tr', { hasText: 'works on the line' });
    await row.getByText('active').waitFor();
    page.expectProblem = true;
    await page.getByLabel('Why').fill('everything');
    await page.locator('.deed button[type=submit]').click();
    await page.getByRole('alert').getByText('rule, match or both').waitFor();
    await row.getByRole('button', { name: 'End now' }).click();
    await row.getByText('by local').waitFor();
    assert.equal((await server.api('/silences')).items[0].state, 'over');
  });
}

/** A rule is made, corrected where it is wrong, changed and removed. */
export async function rules_are_made(all) {
  await alone(all, 'rules', async (page, server) => {
    page.expectProblem = true;
    await page.at('/alerts?tab=rules');
    await page.getByRole('button', { name: 'New rule' }).click();
    const form = page.getByRole('form', { name: 'New rule' });
    await form.locator('[name=name]').fill('night_asr');
    await form.locator('[name=metric]').fill('asr');
    await form.locator('[name=condition]').selectOption('below');
    await form.locator('[name=threshold]').fill('40');
    await form.locator('[name=window_s]').fill('7');
    await form.getByRole('button', { name: 'Add' }).click();
    await form.getByRole('alert').getByText('window_s: ').waitFor();
    await form.locator('[name=window_s]').fill('900');
    await form.locator('[name=group]').selectOption('never');
    await form.locator('[name=certainty]').fill('2');
    await form.getByRole('button', { name: 'Add' }).click();
    await form.waitFor({ state: 'detached' });
    const row = page.locator('tbody tr', { hasText: 'night_asr' });
    assert.match(await row.innerText(), /below 40 %/);
    await row.getByRole('button', { name: 'Change' }).click();
    const again = page.getByRole('form', { name: 'Rule night_asr' });
    await again.locator('[name=threshold]').fill('30');
    await again.getByRole('button', { name: 'Change' }).click();
    await row.getByText('below 30 %').waitFor();
    const made = (await server.api('/rules')).items.at(-1);
    assert.deepEqual([made.threshold, made.group, made.certainty], [30, 'never', 2]);
    await row.getByRole('button', { name: 'Remove' }).click();
    await row.getByRole('button', { name: 'Remove, indeed' }).click();
    await row.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Receivers' }).click();
    await page.getByText('No probe runs here').waitFor();
  });
}

/** Users and tokens; who may not does not see them; one's own password. */
export async function an_admin_lets_people_in(all) {
  copyFileSync(all.database, `${all.folder}/people.db`);
  const secret = execFileSync(all.program, [
    ...['user', 'add', 'chief', '--role', 'admin', '--pii', '--generate'],
    ...['--db', `${all.folder}/people.db`],
  ])
    .toString()
    .trim();
  const login = async (page, user, password) => {
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('header.top').waitFor();
  };
  await alone(
    all,
    'people',
    async (page) => {
      page.expectProblem = true;
      await page.at('/account?tab=users');
      await login(page, 'chief', secret);
      await page.getByLabel('Name', { exact: true }).fill('dora');
      await page.locator('.deed select').selectOption('operator');
      await page.getByRole('button', { name: 'Add' }).click();
      const password = await page.locator('.secret code').innerText();
      await page.getByRole('button', { name: 'It is noted down' }).click();
      await page.locator('.secret').waitFor({ state: 'detached' });
      const row = page.locator('tbody tr', { hasText: 'dora' });
      await row.getByRole('button', { name: 'Disable' }).click();
      await row.getByText('disabled').waitFor();
      await row.getByRole('button', { name: 'Enable' }).click();
      await row.getByText('may log in').waitFor();
      const own = page.locator('tbody tr', { hasText: 'chief' });
      await own.getByRole('button', { name: 'Remove' }).click();
      await own.getByRole('button', { name: 'Remove, indeed' }).click();
      await own.getByText('nobody else is of the role admin').waitFor();
      await page.getByRole('link', { name: 'Tokens' }).click();
      await page.getByLabel('Name', { exact: true }).fill('grafana');
      await page.getByRole('button', { name: 'Add' }).click();
      assert.match(await page.locator('.secret code').innerText(), /^earshot_/);
      await page.getByRole('link', { name: 'Audit' }).click();
      await page.locator('tbody tr', { hasText: 'token added' }).getByText('grafana').waitFor();
      await page.getByTitle('Log out chief').click();
      await login(page, 'dora', password);
      await page.locator('header .account').click();
      await page.getByRole('heading', { name: 'dora' }).waitFor();
      assert.equal(await page.locator('.tabs a').count(), 1);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByLabel('New password').fill('something else');
      await page.getByLabel('Once more').fill('something else');
      await page.getByRole('button', { name: 'Change' }).click();
      await page.getByText('It is changed').waitFor();
      await page.getByTitle('Log out dora').click();
      await login(page, 'dora', 'something else');
    },
    ['--login'],
  );
}
