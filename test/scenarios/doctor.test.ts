import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Finding } from '../../src/doctor/finding.ts';
import { until } from '../support/poll.ts';
import { freePort } from '../support/port.ts';
import { Product, strike, type Victim } from '../support/product.ts';
import { ROOT } from '../support/sandbox.ts';

type Told = Finding & { readonly fixable: boolean };

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

suite('lifeguard doctor names the cause and what to type, one trouble after the other', () => {
  const product = new Product({ SHOP_TOKEN: 'a-secret-of-the-shop' });
  const { sandbox } = product;
  let api: Victim;
  let databasePort: number;
  let database: Server;
  let stranger: ChildProcess | null = null;

  before(async () => {
    databasePort = await freePort();
    await openDatabase();
    const depends_on = [{ name: 'database', check: `tcp://127.0.0.1:${databasePort}`, field: 'services.database' }];
    const restart = { max_restarts: 3, backoff: { initial: '100ms', factor: 1, max: '1s' } };
    api = await product.victim('api', { depends_on, restart });
    await product.start();
  });
  after(async () => {
    stranger?.kill('SIGKILL');
    database.close();
    await product.dispose();
  });

  async function openDatabase(): Promise<void> {
    database = createServer((socket) => socket.end());
    database.listen(databasePort, '127.0.0.1');
    await once(database, 'listening');
  }

  /** What it says. Where the machine was too busy for one of its looks, whose limit of 10 s is doctor's own, it is asked again. */
  async function asked(...args: string[]) {
    for (let tries = 1; ; tries++) {
      const output = await sandbox.run(process.execPath, [join(ROOT, 'bin/lifeguard.js'), 'doctor', ...args], {
        deadlineMs: 120_000,
      });
      if (tries === 4 || !output.stdout.includes('no result within 10 s')) return output;
    }
  }

  /** @returns the findings, but for those of the machine that the test runs on, and of what the test itself restarted */
  async function doctor(...args: string[]): Promise<{ code: number | null; findings: Told[] }> {
    const { code, stdout, stderr } = await asked('--json', ...args);
    assert.ok(stdout.startsWith('{'), stderr);
    const { findings } = JSON.parse(stdout) as { findings: Told[] };
    return {
      code,
      findings: findings.filter(({ id, group }) => group !== 'boot' && group !== 'machine' && id !== 'restarts-often'),
    };
  }

  /** The first thing that it says, in words, is this; and all of it is one screen. */
  async function says(id: string, ...words: RegExp[]): Promise<void> {
    const { code, stdout, stderr } = await asked();
    assert.equal(code, 1, stderr);
    assert.equal(/\(([\w-]+)\)$/m.exec(stdout)?.[1], id, stdout);
    assert.ok(stdout.split('\n').length <= 24, stdout);
    for (const each of words) assert.match(stdout, each);
    assert.doesNotMatch(stdout, /a-secret/);
  }

  async function wellAgain(): Promise<void> {
    api.tell({});
    await product.ask('reset', 'api');
    await product.untilState('api', 'healthy', 60_000);
  }

  test('all is well: nothing is found', async () => {
    assert.deepEqual((await doctor()).findings, []);
  });

  test('the database is away, and the backend answers 503', async () => {
    database.close();
    api.tell({ status: 503 });
    await product.untilState('api', 'degraded');
    const refused = /127\.0\.0\.1:\d+ refuses the connection/;
    // The 503 is explained by it.
    await says('dependency-down', /api: it needs database, which does not answer/, refused, /^(?![\s\S]*\(health-fails\))/);
    await openDatabase();
    await wellAgain();
  });

  test('its health path says 200 while the database is away', async () => {
    database.close();
    const { code, findings } = await doctor();
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['dependency-down', 'health-touches-nothing'],
    );
    assert.equal(code, 1);
    await openDatabase();
  });

  test('it crashes again and again, and is given up', async () => {
    api.tell({ exit: 7 });
    await strike(api.port, '/crash');
    await product.untilState('api', 'exhausted', 60_000);
    await says('crash-loop', /api: it was given up: 3 of 3 restarts/, /told to exit/, /type: npx lifeguard run api/);
    await wellAgain();
  });

  test('its port is taken', async () => {
    await sandbox.lifeguard('stop', 'api');
    const code = `require('node:net').createServer().listen(${api.port}, '127.0.0.1')`;
    stranger = spawn(process.execPath, ['-e', code, '--', 'the-stranger'], { stdio: 'ignore' });
    await until('the stranger to listen', () => listens(api.port), { deadlineMs: 30_000 });
    await says(
      'port-taken',
      new RegExp(`port ${api.port} is taken by another program`),
      /the-stranger/,
      new RegExp(`type: kill ${stranger.pid}`),
    );
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
    await sandbox.pm2('restart', 'api');
    await wellAgain();
  });

  test('a 503 that nothing explains, and a health path that is not there', async () => {
    api.tell({ status: 503 });
    await product.untilState('api', 'starting'); // The restart that does not cure it is behind it.
    const answer = async () => (await product.status('api')).lastCheck?.readiness;
    await until('the new process to answer', async () => (await answer()) === '503', { deadlineMs: 30_000 });
    await says('health-fails', /its health check fails/, /it answers 503/, /type: npx lifeguard check api/);
    api.tell({ live: 404, status: 404 });
    await until('another answer', async () => (await answer()) === '404', { deadlineMs: 30_000 });
    await says('health-misdirected', /it answers 404/, new RegExp(`curl -i http://127.0.0.1:${api.port}/`));
    await wellAgain();
  });

  test('a mistake in backend.yaml, and a program that is not there', async () => {
    const file = join(sandbox.dir, 'backend.yaml');
    const before_ = readFileSync(file, 'utf8');
    writeFileSync(file, before_.replace('"depends_on"', '"depend_on"'));
    await says('config-invalid', /backend\.yaml:\d+: unknown key depend_on/);
    writeFileSync(
      file,
      JSON.stringify({
        backends: [{ name: 'web', port: await freePort(), run: { command: 'no-such-program' } }, ...JSON.parse(before_).backends],
      }),
    );
    const { findings } = await doctor();
    assert.deepEqual(
      findings.map(({ id, subject }) => `${id} ${subject}`),
      ['cannot-start web', 'not-applied web'],
    );
    writeFileSync(file, before_);
  });

  test("PM2's saved list can be read by all, and --fix mends it", async () => {
    await sandbox.pm2('save');
    const dump = join(sandbox.pm2Home, 'dump.pm2');
    assert.equal(statSync(dump).mode & 0o044, 0o044);
    const { findings } = await doctor();
    assert.deepEqual(
      findings.map(({ id, fixable }) => [id, fixable]),
      [['dump-readable', true]],
    );
    assert.match(findings[0]?.evidence ?? '', /SHOP_TOKEN/);
    assert.equal((await sandbox.lifeguard('doctor', '--fix')).code, 64, 'nobody can be asked');
    const { stdout } = await sandbox.lifeguard('doctor', '--fix', '--yes', '--verbose');
    assert.match(stdout, /^Done: chmod 600 .*dump\.pm2\./);
    assert.equal(statSync(dump).mode & 0o777, 0o600);
    for (const fine of [/The port is taken by another program/, /\(dump-readable\)$/m])
      assert.match(stdout, new RegExp(`fine +not the case: .*${fine.source}`, 'm'));
  });

  test('stopped by an operator; lifeguard stopped; nothing running at all', async () => {
    await sandbox.lifeguard('stop', 'api');
    await says('not-running', /api: it is not running/, /type: npx lifeguard start api/);
    await sandbox.lifeguard('start');
    await sandbox.pm2('stop', 'lifeguard');
    await says('nobody-watches', /nobody checks the backends/);
    await sandbox.pm2('kill');
    await says('pm2-not-running', /type: npx lifeguard start/);
  });
});
