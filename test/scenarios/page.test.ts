import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, before, suite, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/page/browser.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { Product, signal, type Victim } from '../support/product.ts';

const TOKEN = 'open-sesame';
const QUICK = { backoff: { initial: '100ms', factor: 1, max: '200ms', jitter: 0 } };

suite('the page, while it happens', { timeout: 240_000, skip: noBrowser }, () => {
  const product = new Product();
  let [crashing, waiting, hopeless]: Victim[] = [];
  let database: Server;
  let browser: Browser;
  let page: Page;
  let url = '';

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    product.dashboard = { port, token: TOKEN };
    database = createServer((socket) => socket.destroy()).listen(await freePort(), '127.0.0.1');
    await once(database, 'listening');
    const { port: databasePort } = database.address() as { port: number };
    crashing = await product.victim('crashing', { restart: QUICK });
    waiting = await product.victim('waiting', { depends_on: [{ name: 'database', check: `tcp://127.0.0.1:${databasePort}` }] });
    hopeless = await product.victim('hopeless', { restart: { ...QUICK, max_restarts: 2, cool_down: null } });
    await product.start();
    browser = await openBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${url}/?test`);
    await page.getByText('3 healthy').waitFor();
  });
  after(async () => {
    await browser?.close();
    database?.close();
    await product.dispose();
  });

  test('a crash and its cure are shown', async (t) => {
    signal(await product.pidOf(crashing as Victim), 'SIGKILL');
    await sees(t, page, 'crashing failed', () => product.incidents('crashing')[0]?.time);
    await page.getByText('crashing recovered').waitFor();
    await row(page, 'crashing').getByText('healthy for').waitFor();
    await row(page, 'crashing').getByText('9 of 10').waitFor();
  });

  test('restarts that are held are shown, with why', async (t) => {
    database.close();
    waiting?.tell({ status: 503 });
    await sees(t, page, 'waiting held', () => product.incidents('waiting').find(({ what }) => what === 'hold')?.time);
    await row(page, 'waiting').getByText('degraded for').waitFor();
    await row(page, 'waiting').getByText('database is down').waitFor();
  });

  test('giving up is shown; the line of its log, and anything to press, only with the token', async (t) => {
    hopeless?.tell({ exit: 1 });
    signal(await product.pidOf(hopeless as Victim), 'SIGKILL');
    await sees(t, page, 'hopeless given up', () => product.incidents('hopeless').find(({ what }) => what === 'give-up')?.time);
    await row(page, 'hopeless').getByText('exhausted for').waitFor();
    await page.getByRole('link', { name: 'hopeless given up' }).click();
    await page.getByRole('heading', { name: 'How it went' }).waitFor();
    await page.getByText('It is shown with the token.').waitFor();
    assert.doesNotMatch(await page.content(), /told to exit/);
    assert.equal(await page.getByRole('button', { name: 'Restart' }).count(), 0);
  });

  test('a wrong token is refused; with the right one there is the evidence, and a restart by button', async () => {
    await page.getByRole('button', { name: 'Token' }).click();
    await page.getByLabel('Token', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('that is not the token').waitFor();
    await page.getByLabel('Token', { exact: true }).fill(TOKEN);
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('told to exit').first().waitFor();
    await page.getByText('error-log.txt').first().waitFor();

    hopeless?.tell({});
    await page.getByRole('link', { name: 'About hopeless' }).click();
    await page.getByRole('button', { name: 'Reset its restarts' }).click();
    await page.getByText('Healthy for').or(page.getByText('healthy for')).first().waitFor();
    const pid = await product.pidOf(hopeless as Victim);
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByText('restart hopeless: done').waitFor();
    await product.untilReplaced(hopeless as Victim, pid);
  });

  test('without the token nothing is done, and no other site or name gets an answer', async () => {
    const act = (headers: Record<string, string>) =>
      fetch(`${url}/api/act`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ action: 'restart', on: 'crashing' }),
      });
    const pid = await product.pidOf(crashing as Victim);
    const bearer = { authorization: `Bearer ${TOKEN}` };
    assert.equal((await act({})).status, 401);
    assert.equal((await act({ cookie: `token=${TOKEN}` })).status, 401);
    assert.equal((await act({ authorization: 'Bearer open' })).status, 401);
    assert.equal((await act({ ...bearer, origin: 'http://evil.example' })).status, 403);
    assert.equal((await act({ ...bearer, origin: `http://127.0.0.1:${crashing?.port}` })).status, 403);
    assert.equal(await product.pidOf(crashing as Victim), pid);
    const seen = await fromElsewhere(browser, url);
    assert.match(seen, /^refused/, seen);
  });
});

/** Waits for a text, and notes how long after the line of the journal it was there. */
async function sees(t: TestContext, page: Page, text: string, time: () => string | undefined): Promise<void> {
  await page.getByText(text).first().waitFor();
  const at = Date.now();
  const written = await until('the line of the journal', time);
  t.diagnostic(`"${text}" was on the page ${at - Date.parse(written)} ms after it was decided`);
}

function row(page: Page, name: string) {
  return page.locator('.rows > li').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** A page of another port of this machine asks for what this one shows. */
async function fromElsewhere(browser: Browser, url: string): Promise<string> {
  const { createServer: web } = await import('node:http');
  const elsewhere = web((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>')).listen(
    0,
    '127.0.0.1',
  );
  await once(elsewhere, 'listening');
  const { port } = elsewhere.address() as { port: number };
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${port}/`);
    return await page.evaluate(
      (target) =>
        fetch(`${target}/api/view`).then(
          (response) => response.text(),
          (error: Error) => `refused: ${error.message}`,
        ),
      url,
    );
  } finally {
    await page.close();
    elsewhere.close();
  }
}
