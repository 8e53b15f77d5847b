import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/poll.ts';
import { Product, signal } from '../support/product.ts';

const MIGRATE = `
const { appendFileSync, existsSync } = require('node:fs');
const fails = existsSync('no-database');
appendFileSync('migrated.txt', fails ? 'failed\\n' : 'migrated\\n');
if (fails) {
  console.error('there is no database');
  process.exitCode = 3;
}
`;

/** As src/lifeguard/order/restart-with.ts has it. */
const TOGETHER_MS = 2_500;

/** A job that ends when there is something to do. */
const SEED = `setInterval(() => require('node:fs').existsSync('seeds.txt') && process.exit(0), 50);`;

suite('three backends start in their order, with a migration before the first and a job before the last', () => {
  const product = new Product();
  const names = ['base', 'middle', 'front'];
  const file = (name: string) => join(product.sandbox.dir, name);
  const migrations = () => readFileSync(file('migrated.txt'), 'utf8').trim().split('\n');

  before(async () => {
    const after = (name: string, start = 'healthy') => ({ name, check: `backend:${name}`, start });
    await product.victim('front', { depends_on: [{ ...after('middle'), restart_with: true }, after('seed', 'completed')] });
    await product.victim('middle', { depends_on: [after('base')] });
    product.backend({ name: 'seed', run: { command: 'node seed.cjs', once: true }, depends_on: [after('base', 'started')] });
    writeFileSync(file('seed.cjs'), SEED);
    writeFileSync(file('migrate.cjs'), MIGRATE);
    writeFileSync(file('no-database'), '');
    const quick = { restart: { backoff: { initial: '200ms', jitter: 0 } } };
    await product.victim('base', { run: { before: [{ command: 'node migrate.cjs', timeout: '20s' }] }, ...quick });
    await product.start({ healthy: false });
  });
  after(() => product.dispose());

  test('the migration fails: its backend is not started, its last words are told, and it is not tried again', async () => {
    await product.untilState('base', 'unhealthy');
    const { stdout, code } = await product.sandbox.lifeguard('status');
    assert.match(
      stdout,
      /^base: node migrate.cjs, to be run before its start, failed with exit status 3: there is no database\./m,
    );
    assert.equal(code, 2);
    assert.deepEqual(migrations(), ['failed']);
    assert.deepEqual(product.decisions('base'), ['fail before-failed']);
    rmSync(file('no-database'));
    victim('base').tell({ status: 503 });
    await product.sandbox.lifeguard('start', '--timeout', '1s');
    await until('the migration', () => migrations().at(-1) === 'migrated', { deadlineMs: 20_000 });
  });

  test('whoever waits says for what, and has not begun', async () => {
    const waits = (name: string, text: RegExp) =>
      until(`${name} to wait`, async () => text.test((await product.status(name)).waitsFor ?? ''), { deadlineMs: 20_000 });
    await waits('middle', /^waits until base is healthy; it is starting$/);
    await waits('front', /^waits until middle is healthy; it is starting$/);
    assert.equal((await product.status('front')).policy.state, 'starting');
    const { stdout } = await product.sandbox.lifeguard('status');
    assert.match(stdout, /^front: it waits until middle is healthy; it is starting$/m);
    for (const { name } of product.victims.filter(({ name }) => name !== 'base'))
      assert.equal(await product.pidOf(victim(name)), null, `${name} has begun`);
  });

  test('from nothing to healthy, one after the other; none of it is an incident', async () => {
    const launchers = await pids();
    victim('base').tell({});
    await product.untilState('middle', 'healthy', 30_000);
    await until('front to wait for the job', async () =>
      /^waits until seed has completed/.test((await product.status('front')).waitsFor ?? ''),
    );
    writeFileSync(file('seeds.txt'), 'here');
    await inOrder();
    assert.equal((await product.status('seed')).policy.state, 'completed');
    assert.deepEqual(await pids(), launchers, 'the launcher has become the program');
    assert.deepEqual(product.incidents('middle'), []);
    assert.deepEqual(product.incidents('front'), []);
  });

  test('the one in the middle is killed: it is back at once, nobody waits, and who asked for it is restarted once', async () => {
    const [base, , front] = await pids();
    const old = await product.pidOf(victim('middle'));
    await sleep(TOGETHER_MS); // what starts together is no restart
    signal(old, 'SIGKILL');
    await product.untilReplaced(victim('middle'), old, 10_000);
    await product.untilReplaced(victim('front'), front ?? 0, 20_000);
    for (const name of names) await product.untilState(name, 'healthy');
    assert.equal((await product.status('middle')).waitsFor, null);
    assert.equal((await pids())[0], base);
    assert.deepEqual(product.decisions('front'), ['restart dependency-restarted']);
    assert.equal((await product.status('front')).policy.restarts, 0, 'not counted');
  });

  test('after a boot the same, though PM2 starts all of them at once', async () => {
    await product.sandbox.pm2('save');
    await product.sandbox.pm2('kill');
    writeFileSync(file('no-database'), '');
    await product.sandbox.pm2('resurrect');
    await until('a second try of the migration', () => migrations().length >= 4, { deadlineMs: 20_000 });
    assert.notEqual((await product.status('front')).waitsFor, null);
    for (const { name } of product.victims) assert.equal(await product.pidOf(victim(name)), null, `${name} has begun`);
    rmSync(file('no-database'));
    await inOrder();
    assert.equal((await product.status('seed')).policy.state, 'completed', 'a job is run again at a boot');
    assert.equal(product.decisions('front').length, 1, 'a boot is no restart');
    assert.equal(migrations().filter((line) => line === 'migrated').length, 2, 'not before the restart of a crash');
  });

  function victim(name: string) {
    const found = product.victims.find((one) => one.name === name);
    assert.ok(found);
    return found;
  }

  async function pids(): Promise<number[]> {
    const listed = await product.sandbox.list();
    return names.map((name) => listed.find((one) => one.name === name)?.pid ?? 0);
  }

  /** Nobody has begun before the one that it needs was healthy. */
  async function inOrder(): Promise<void> {
    for (const name of names) await product.untilState(name, 'healthy', 30_000);
    const [base, middle, front] = await Promise.all(names.map(async (name) => (await product.status(name)).policy.forMs));
    assert.ok((base ?? 0) > (middle ?? 0) && (middle ?? 0) > (front ?? 0), `healthy for ${base}, ${middle}, ${front} ms`);
  }
});
