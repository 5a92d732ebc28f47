// usage: node main.mjs EARSHOT DATABASE FOLDER [NAME ...]
import { Server, openBrowser, openPage } from './browser.mjs';
import * as access from './access.mjs';
import * as calls from './calls.mjs';
import * as call from './call.mjs';
import * as desk from './desk.mjs';
import * as frame from './frame.mjs';
import * as views from './views.mjs';

const AT_ONCE = 3; // most of a check is waiting

const [program, database, folder, ...names] = process.argv.slice(2);
const { alone, PATHS, quiet, ...checks } = { ...access, ...calls, ...call, ...desk, ...frame, ...views };
const server = await new Server(program, database).start();
const browser = await openBrowser();
let failed = 0;

const queue = Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name));

async function one(name, check) {
  const began = Date.now();
  const page = await openPage(browser, server, check.options);
  try {
    await check({ page, server, browser, folder, program, database });
    await page.done();
    console.log(`ok      ${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error.stack}\n${page.wrongs.join('\n')}`);
    await page.screenshot({ path: `${folder}/${name}.png` }).catch(() => undefined);
  }
}

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) await one(...next);
}

await Promise.all(Array.from({ length: AT_ONCE }, work));
await browser.close();
await server.stop();
process.exit(failed ? 1 : 0);
