// usage: node main.mjs EARSHOT DATABASE FOLDER [NAME ...]
import { Server, openBrowser, openPage } from './browser.mjs';
import * as calls from './calls.mjs';
import * as call from './call.mjs';
import * as frame from './frame.mjs';

const [program, database, folder, ...names] = process.argv.slice(2);
const checks = { ...calls, ...call, ...frame };
const server = await new Server(program, database).start();
const browser = await openBrowser();
let failed = 0;

for (const [name, check] of Object.entries(checks)) {
  if (names.length && !names.includes(name)) continue;
  const began = Date.now();
  const page = await openPage(browser, server, check.options);
  try {
    await check({ page, server, browser, folder, program });
    await page.done();
    console.log(`ok      ${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error.stack}\n${page.wrongs.join('\n')}`);
    await page.screenshot({ path: `${folder}/${name}.png` }).catch(() => undefined);
  }
}
await browser.close();
await server.stop();
process.exit(failed ? 1 : 0);
