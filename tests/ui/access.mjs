// What axe-core finds of barriers on each view: contrast, names, roles, order of headings.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PATHS, quiet } from './views.mjs';

const require = createRequire(new URL('../../web/ui/package.json', import.meta.url));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE = ['serious', 'critical'];

/* Of each rule and kind of place one line: what axe says of the first, and how many there are. */
async function barriers(page, rules) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    (runOnly) => window.axe.run(document, { resultTypes: ['violations'], ...(runOnly && { runOnly }) }),
    rules,
  );
  const kinds = new Map();
  for (const { id, nodes } of violations.filter((one) => GRAVE.includes(one.impact)))
    for (const { target, failureSummary, html } of nodes) {
      const kind = `${id}: ${target.join(' ').replace(/:nth-child\(\d+\)|="[^"]*"/g, '')}`;
      const known = kinds.get(kind) ?? { count: 0, what: `${failureSummary}\n${html.slice(0, 160)}` };
      kinds.set(kind, { ...known, count: known.count + 1 });
    }
  return [...kinds].map(([kind, { count, what }]) => `${kind}: ${count} times: ${what}`);
}

async function has_no_barriers({ page, server }, rules) {
  const bad = await server.api('/calls?limit=1&filter=mos_lq_min%20%3C%203');
  const alerts = await server.api('/alerts?limit=1');
  const trunks = await server.api('/trunks');
  const paths = [
    ...PATHS,
    `/calls/${bad.items[0].id}`,
    ...alerts.items.map((alert) => `/alerts/${alert.id}`),
    ...trunks.items.slice(0, 1).map((trunk) => `/trunks/${encodeURIComponent(trunk.name)}`),
    '/calls?filter=status%20%3D%20999',
    '/calls/0000000000000000',
  ];
  page.expectProblem = true; // the last of them is not there
  const found = [];
  for (const path of paths) {
    await page.at(path);
    await quiet(page);
    found.push(...(await barriers(page, rules)).map((one) => `${path}: ${one}`));
  }
  if (found.length) throw new Error(`barriers:\n${found.join('\n')}`);
}

const desk = (colorScheme) => ({ colorScheme });
const phone = (colorScheme) => ({ colorScheme, viewport: { width: 390, height: 844 }, hasTouch: true });

/* The other theme has other colours, and nothing else. */
const COLOURS = ['color-contrast', 'link-in-text-block'];
const checked = (options, rules) => Object.assign((what) => has_no_barriers(what, rules), { options });
export const no_barriers_on_a_light_desk = checked(desk('light'));
export const no_barriers_on_a_dark_desk = checked(desk('dark'), COLOURS);
export const no_barriers_on_a_light_phone = checked(phone('light'), COLOURS);
export const no_barriers_on_a_dark_phone = checked(phone('dark'));
