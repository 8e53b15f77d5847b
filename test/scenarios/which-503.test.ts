import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/port.ts';
import { Product, strike, type Victim } from '../support/product.ts';

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

suite('which 503 it is decides', () => {
  const product = new Product();
  const healing = { backoff: { initial: '100ms' } };
  let [withDatabase, overloaded, incurable]: Victim[] = [];
  let databasePort: number;
  let database: Server;

  before(async () => {
    databasePort = await freePort();
    database = await listen(databasePort);
    const check = `tcp://127.0.0.1:${databasePort}`;
    withDatabase = await product.victim('with-database', { restart: healing, depends_on: [{ name: 'database', check }] });
    overloaded = await product.victim('overloaded', { restart: healing });
    incurable = await product.victim('incurable', { restart: healing, health: { startup_timeout: '2s' } });
    await product.start();
  });
  after(async () => {
    database.close();
    await product.dispose();
  });

  test('of a dependency that is down: held, told, and the same process is healthy when it is back', async () => {
    assert.ok(withDatabase);
    const pid = await product.pidOf(withDatabase);
    database.close();
    withDatabase.tell({ status: 503 });
    const status = await product.untilState('with-database', 'degraded');
    assert.match(status.policy.held ?? '', /database is down/);
    await sleep(2_000);
    withDatabase.tell({});
    database = await listen(databasePort);
    await product.untilState('with-database', 'healthy');
    assert.equal(await product.pidOf(withDatabase), pid);
    assert.ok(!product.decisions('with-database').some((decision) => decision.startsWith('restart')));
  });

  test('of a pool that stays broken after the dependency is back: one restart', async () => {
    assert.ok(withDatabase);
    const pid = await product.pidOf(withDatabase);
    database.close();
    await strike(withDatabase.port, '/sick');
    await product.untilState('with-database', 'degraded');
    database = await listen(databasePort);
    await product.untilReplaced(withDatabase, pid);
    await product.untilState('with-database', 'healthy');
    assert.deepEqual(
      product.decisions('with-database').filter((decision) => decision.startsWith('restart')),
      ['restart stale-after-dependency'],
    );
  });

  test('of overload, with Retry-After: waited for, one line in the journal', async () => {
    assert.ok(overloaded);
    const pid = await product.pidOf(overloaded);
    overloaded.tell({ status: 503, headers: { 'retry-after': '8' } });
    await sleep(4_000);
    assert.equal(await product.pidOf(overloaded), pid);
    overloaded.tell({});
    await product.untilState('overloaded', 'healthy');
    const told = product.decisions('overloaded').filter((decision) => decision.endsWith('overload'));
    assert.equal(told.length, 1);
    assert.equal(await product.pidOf(overloaded), pid);
  });

  test('of something that no restart cures: one restart, then degraded', async () => {
    assert.ok(incurable);
    incurable.tell({ status: 503 });
    const status = await product.untilState('incurable', 'degraded');
    assert.match(status.policy.held ?? '', /not cure/);
    assert.equal(status.policy.restarts, 1);
    incurable.tell({});
    await product.untilState('incurable', 'healthy');
  });

  test('readiness without an answer while liveness answers is treated like a 503', async () => {
    assert.ok(overloaded);
    const pid = await product.pidOf(overloaded);
    overloaded.tell({ hold: true });
    await product.untilReplaced(overloaded, pid);
    overloaded.tell({});
    await product.untilState('overloaded', 'healthy');
    assert.ok(product.decisions('overloaded').includes('restart not-ready'));
  });
});
