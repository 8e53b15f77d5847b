import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/poll.ts';
import { get, Product, signal, type Victim } from '../support/product.ts';

suite('a cluster with one worker that an operator stopped', () => {
  const product = new Product();
  let victim: Victim;

  before(async () => {
    victim = await product.victim('victim', { run: { instances: 2 } });
    await product.start();
  });
  after(() => product.dispose());

  test('the survivor answers 500: it is restarted, and the one that was stopped stays so', async (t) => {
    const [first] = (await product.sandbox.list()).filter(({ name }) => name === 'victim');
    assert.ok(first);
    await product.sandbox.pm2('stop', String(first.pm_id));
    await until('one worker left', async () => (await product.status('victim')).processes.length === 1);
    await product.untilState('victim', 'healthy');
    const survivor = await product.pidOf(victim);

    victim.tell({ live: 500 });
    const since = performance.now();
    await until(
      'another process that answers 200',
      async () => {
        const answer = await get(victim.port, '/live').catch(() => null);
        return answer?.status === 200 && (JSON.parse(answer.text) as { pid: number }).pid !== survivor;
      },
      { deadlineMs: 15_000 },
    );
    t.diagnostic(`healed after ${Math.round(performance.now() - since)} ms`);
    const listed = (await product.sandbox.list()).filter(({ name }) => name === 'victim');
    assert.deepEqual(listed.map(({ pm2_env }) => pm2_env.status).sort(), ['online', 'stopped']);
  });
});

suite('a body that is nested 30,000 deep', () => {
  const product = new Product();
  let hostile: Victim;
  let other: Victim;

  before(async () => {
    const depends_on = [{ name: 'database', check: 'tcp://127.0.0.1:1', field: 'services.database' }];
    hostile = await product.victim('hostile', { depends_on });
    other = await product.victim('other');
    await product.start();
  });
  after(() => product.dispose());

  test('that backend is held or restarted, its log stays short, and another one is healed as ever', async () => {
    hostile.tell({ status: 503, deep: 30_000 });
    await until('something said of it', () => product.incidents('hostile').length > 0, { deadlineMs: 15_000 });
    assert.notEqual((await product.status('hostile')).policy.state, 'healthy');

    const log = () => readFileSync(join(product.sandbox.dir, 'logs/lifeguard.log'), 'utf8').split('\n').length;
    const before = log();
    const old = await product.pidOf(other);
    signal(old, 'SIGKILL');
    await product.untilReplaced(other, old);
    await sleep(3_000);
    assert.ok(log() - before < 10, `${log() - before} lines in three seconds`);
  });
});

suite('300 other apps in the same PM2', () => {
  const product = new Product();
  after(() => product.dispose());

  test('a limit of 4 is 4 restarts, and never a fifth', async () => {
    const victim = await product.victim('victim', {
      restart: { max_restarts: 4, cool_down: null, backoff: { initial: '100ms', factor: 1, max: '300ms' } },
    });
    const others = join(product.sandbox.dir, 'others.json');
    const sleeper = { name: 'sleeper', script: '/bin/sleep', args: '3600', interpreter: 'none', exec_mode: 'fork', pmx: false };
    writeFileSync(
      others,
      JSON.stringify({ apps: [{ ...sleeper, instances: 300, out_file: '/dev/null', error_file: '/dev/null' }] }),
    );
    const { code, stderr } = await product.sandbox.run(
      process.execPath,
      [join(import.meta.dirname, '../../bin/pm2.js'), 'start', others, '--silent'],
      { deadlineMs: 240_000 },
    );
    assert.equal(code, 0, stderr);
    await product.start();

    const starts = () =>
      product.sandbox.list().then((all) => all.find(({ name }) => name === 'victim')?.pm2_env.restart_time ?? 0);
    const before = Number(await starts());
    victim.tell({ exit: 1 });
    signal(await product.pidOf(victim), 'SIGKILL');
    const status = await product.untilState('victim', 'exhausted', 90_000);
    assert.equal(status.policy.restarts, 4);
    await sleep(3_000);
    const lines = product.decisions('victim').filter((decision) => decision.startsWith('restart'));
    assert.equal(lines.length, 4);
    const errors = readFileSync(join(product.sandbox.dir, 'logs/victim.error.log'), 'utf8').split('told to exit').length - 1;
    assert.ok(errors <= 4, `${errors} starts said so`);
    assert.ok(Number(await starts()) - before <= 4);
  });
});
