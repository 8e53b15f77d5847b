import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from '../support/page/browser.ts';
import { PageRig } from '../support/page/rig.ts';
import { until } from '../support/poll.ts';
import { signal } from '../support/product.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MOST_BYTES = 100 * 1024;

suite('the page, as it is seen', { timeout: 240_000, skip: noBrowser }, () => {
  let browser: Browser;
  const rigs = new Map<number, PageRig>();

  before(async () => {
    browser = await openBrowser();
    for (const count of [1, 5, 50]) rigs.set(count, await PageRig.open(count));
  });
  after(async () => {
    await browser?.close();
    for (const rig of rigs.values()) rig.close();
  });

  for (const count of [1, 5, 50])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${count} backends, ${colorScheme}: axe finds nothing, and nothing is wider than a phone`, async () => {
        const page = await visit(count, '', { colorScheme, viewport: { width: 320, height: 640 } });
        assert.deepEqual(await axe(page), []);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
        await page.context().close();
      });

  for (const path of ['?table', '?tv', '#/backend/accounts', '#/incident/thumbnails-12'])
    test(`${path}: axe finds nothing`, async () => {
      const page = await visit(5, path);
      assert.deepEqual(await axe(page), []);
      await page.context().close();
    });

  test('it needs nothing from elsewhere, breaks no rule of its own policy, and is 100 KB at most', async () => {
    const page = await (await browser.newContext()).newPage();
    const complaints: string[] = [];
    const bodies: Promise<Buffer>[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('response', (response) => {
      if (!response.url().includes('/api/')) bodies.push(response.body());
      if (!response.url().startsWith(rig(50).url)) complaints.push(response.url());
    });
    await page.goto(rig(50).url);
    await page.getByText('45 healthy').waitFor();
    await page.waitForLoadState('load');
    assert.deepEqual(complaints, []);
    const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
    assert.ok(bytes > 10_000 && bytes <= MOST_BYTES, `${bytes} bytes`);
    await page.context().close();
  });

  test('fifty: the sick ones are open, a filter finds by name and by state, from the keyboard', async () => {
    const page = await visit(50, '');
    assert.equal(await page.locator('.rows > li').count(), 5);
    assert.equal(await page.locator('.tiles > li').count(), 45);
    await page.keyboard.press('/');
    await page.keyboard.type('worker-2');
    await page.getByText('10 of 50 backends').waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('degraded');
    await page.getByText('1 of 50 backends').waitFor();
    assert.equal(await page.evaluate('document.activeElement.id'), 'filter');
    await page.context().close();
  });

  test('what nobody looked at is not observed, in the picture and in its table', async () => {
    const page = await visit(1, '');
    const label = await page.locator('.hero .bars').getAttribute('aria-label');
    assert.match(label ?? '', /well [\d.]+ % of the time observed/);
    await page.getByRole('button', { name: 'Tables' }).click();
    await page.getByRole('cell', { name: 'not observed' }).first().waitFor();
    await page.context().close();
  });

  test('no line of an error log is shown without the token', async () => {
    const { url } = rig(5);
    const read = async (path: string, headers = {}) => (await fetch(`${url}${path}`, { headers })).text();
    for (const path of ['api/view', 'api/incidents/thumbnails-12', 'api/backends/thumbnails'])
      assert.doesNotMatch(await read(path), /secret-of-the-log/, path);
    const owner = { authorization: 'Bearer sesame' };
    assert.match(await read('api/incidents/thumbnails-12', owner), /secret-of-the-log/);
  });

  test('a stream that stops is stale, says for how long, and goes on by itself', async () => {
    const page = await visit(5, '');
    await page.getByText('live', { exact: true }).waitFor();
    signal(rig(5).pid(), 'SIGSTOP');
    await page.getByText(/stale/).first().waitFor({ timeout: 30_000 });
    signal(rig(5).pid(), 'SIGCONT');
    await page.getByText('live', { exact: true }).waitFor({ timeout: 30_000 });
    await page.context().close();
  });

  test('tabs of one browser share a stream', async () => {
    const context = await browser.newContext();
    let streams = 0;
    context.on('request', (request) => {
      if (request.url().endsWith('/api/stream')) streams += 1;
    });
    const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()));
    for (const tab of tabs) await tab.goto(rig(5).url);
    for (const tab of tabs) await tab.getByText('3 healthy').waitFor();
    assert.equal(streams, 1);
    await tabs[0]?.close();
    await until('another tab to take it over', () => streams === 2);
    await context.close();
  });

  function rig(count: number): PageRig {
    const found = rigs.get(count);
    if (found === undefined) throw new Error(`no rig with ${count}`);
    return found;
  }

  async function visit(count: number, path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ bypassCSP: true, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(`${rig(count).url}${path}`);
    await page.locator('main .card').first().waitFor();
    return page;
  }
});

suite('the page, seen from other machines', { timeout: 60_000 }, () => {
  let rig: PageRig;
  before(async () => {
    rig = await PageRig.open(1, { host: '0.0.0.0', url: 'https://status.example.org/' });
  });
  after(() => rig.close());

  test('reading needs the token, too; the page itself, which holds nothing, does not', async () => {
    const status = async (path: string, headers = {}) => {
      const response = await fetch(`${rig.url}${path}`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await status(''), 200);
    for (const path of ['api/view', 'api/stream', 'api/incidents/x-1', 'api/backends/x', 'metrics'])
      assert.equal(await status(path), 401, path);
    assert.equal(await status('api/view', { authorization: 'Bearer sesame' }), 200);
  });
});

/** What axe finds, as `rule: element`. */
async function axe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}
