// A server of its own, and pages that notice whatever a page must not do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(join(here, '../../web/ui/package.json'))('playwright-core');

export const WAIT_MS = 20000;

export class Server {
  constructor(program, database, options = []) {
    this.options = options;
    this.program = program;
    this.database = database;
    this.port = 0;
  }

  /** Listens where it did before, if it did. */
  async start() {
    this.process = spawn(
      this.program,
      ['serve', '--db', this.database, '--listen', `127.0.0.1:${this.port}`, ...this.options],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const line = await new Promise((resolve, reject) => {
      this.process.stdout.once('data', (data) => resolve(String(data)));
      this.process.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.port = Number(/:(\d+)\/\s/.exec(line)[1]);
    this.base = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await gone;
  }

  /** As a page would, on this machine. */
  async change(method, path, body) {
    const { csrf } = await this.api('/session');
    const answer = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { 'X-Earshot-Token': csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  }

  async api(path) {
    const answer = await fetch(`${this.base}/api/v1${path}`);
    assert.equal(answer.status, 200, path);
    return answer.json();
  }
}

export async function openBrowser() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

/**
 * A page that collects what is wrong: errors on the console, exceptions, violations of the
 * content security policy, requests elsewhere. `page.expectLoss` forgives failed requests.
 */
export async function openPage(browser, server, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    timezoneId: 'UTC',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  page.wrongs = [];
  page.expectLoss = false;
  page.expectProblem = false; // a 4xx is what is being tried
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const failed = /Failed to load resource/.test(message.text());
    if (failed && (page.expectLoss || page.expectProblem)) return;
    page.wrongs.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => page.wrongs.push(`exception: ${error.stack}`));
  page.on('dialog', (dialog) => {
    page.wrongs.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== server.base && !['data:', 'blob:'].includes(url.protocol))
      page.wrongs.push(`elsewhere: ${request.url()}`);
  });
  page.at = (path) => page.goto(server.base + path);
  page.done = async () => {
    assert.deepEqual(page.wrongs, []);
    /* An answer that a check rewrites may still be on its way: nobody waits for it. */
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  };
  return page;
}
