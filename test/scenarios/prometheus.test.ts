import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { Product, signal, type Victim } from '../support/product.ts';
import { processesOf, ROOT } from '../support/sandbox.ts';

const EXAMPLE = join(ROOT, 'examples/prometheus');
const isInstalled = spawnSync('promtool', ['--version']).error === undefined;

const skip = !isInstalled && "needs Debian's prometheus";

suite('Prometheus, and the port of the page', { timeout: 240_000 }, () => {
  const product = new Product();
  let stranger: Server;
  let victim: Victim;
  let port = 0;
  let prometheus: ChildProcess | null = null;
  let query: (expression: string) => Promise<string | null>;
  const log = () => readFileSync(join(product.sandbox.dir, 'logs/lifeguard.log'), 'utf8');
  const pages = () => processesOf(product.sandbox.pm2Home).filter(({ command }) => command.includes('probes/page'));

  before(async () => {
    port = await freePort();
    stranger = createServer().listen(port, '127.0.0.1');
    await once(stranger, 'listening');
    product.dashboard = { port };
    product.alerts.push({ type: 'command', command: '/bin/true' });
    victim = await product.victim('victim', { restart: { backoff: { initial: '100ms' } } });
    await product.start();
  });
  after(async () => {
    prometheus?.kill('SIGKILL');
    stranger.close();
    await product.dispose();
  });

  test('one that is taken means no page and a clear line; the backends are looked after all the same', async () => {
    await until('the line', () => log().includes(`no page: port ${port} of 127.0.0.1 is taken`));
    assert.match(log(), new RegExp(`dashboard: \\{ port: ${port + 1} \\}; none: dashboard: null`));
    assert.equal((await product.status('victim')).policy.state, 'healthy');
  });

  test('nobody looks: no process. The first visitor is waited for, and whoever ends it meets a new one', async () => {
    stranger.close();
    await product.sandbox.pm2('restart', 'lifeguard');
    await until('the port', () => log().includes(`page: http://127.0.0.1:${port}/`));
    assert.deepEqual(pages(), []);
    await scrape(port);
    const [page] = pages();
    signal(page?.pid, 'SIGKILL');
    await until('a new one', () => scrape(port), { deadlineMs: 40_000 });
    assert.notEqual(pages()[0]?.pid, page?.pid);
  });

  test('promtool finds nothing to say about the metrics, the rules and the example', { skip }, async () => {
    const text = await scrape(port);
    promtool(['check', 'metrics'], text);
    promtool(['check', 'rules', 'lifeguard.rules.yml']);
    promtool(['test', 'rules', 'lifeguard.rules.test.yml']);
    promtool(['check', 'config', 'prometheus.yml']);
  });

  test('a Prometheus scrapes it, and sees a crash and its cure', { skip }, async () => {
    ({ prometheus, query } = await startPrometheus(product.sandbox.dir, port));
    const state = (name: string) => `lifeguard_backend_state{backend="victim",state="${name}"}`;
    await until('healthy in Prometheus', async () => (await query(state('healthy'))) === '1');
    assert.equal(await query('lifeguard_restart_budget_remaining{backend="victim"}'), '10');
    assert.equal(await query('sum(lifeguard_backend_state)'), '1');
    assert.equal(await query('lifeguard_notifications_queue_length{channel="command"}'), '0');
    signal(await product.pidOf(victim), 'SIGKILL');
    await until('the crash in Prometheus', async () => (await query('lifeguard_restarts_total{cause="crash"}')) === '1');
    await until('the cure in Prometheus', async () => (await query('lifeguard_recovery_seconds_count')) === '1');
    assert.equal(await query('lifeguard_restart_budget_remaining'), '9');
    assert.equal(await query('up{job="lifeguard"}'), '1');
    assert.ok(Number(await query('lifeguard_checks_total{result="success"}')) > 5);
  });

  test('its process ends with lifeguard', async () => {
    assert.equal(pages().length, 1);
    await product.sandbox.pm2('stop', 'lifeguard');
    await until('its end', () => pages().length === 0);
  });
});

/** The first one waits for a process to start. */
async function scrape(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(20_000),
  });
  assert.equal(response.status, 200);
  return response.text();
}

function promtool(args: readonly string[], input = ''): void {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: EXAMPLE, input, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
}

async function startPrometheus(folder: string, target: number) {
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const example = readFileSync(join(EXAMPLE, 'prometheus.yml'), 'utf8');
  writeFileSync(
    config,
    example
      .replaceAll('15s', '1s')
      .replace('127.0.0.1:5556', `127.0.0.1:${target}`)
      .replace('- lifeguard.rules.yml', `- ${EXAMPLE}/lifeguard.rules.yml`),
  );
  const prometheus = spawn(
    'prometheus',
    [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: 'ignore' },
  );
  const query = async (expression: string): Promise<string | null> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result[0]?.value[1] ?? null;
  };
  await until('Prometheus', () => query('vector(1)'), { deadlineMs: 30_000 });
  return { prometheus, query };
}
