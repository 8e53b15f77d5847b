// What PM2 never looks for: the children of a process that was killed. hypercorn's go on serving beside the new ones.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { get, Product, signal } from '../support/product.ts';
import { type RealServer, realServer } from '../support/real-server.ts';
import { processesOf } from '../support/sandbox.ts';

suite('an end is whole: no worker outlives its parent', () => {
  const product = new Product();
  const servers: RealServer[] = [];

  before(async () => {
    for (const kind of ['hypercorn', 'gunicorn', 'uvicorn'] as const) servers.push(await realServer(product, kind, kind));
    await product.start();
    for (const { name } of servers) await product.untilState(name, 'healthy', 30_000);
  });
  after(() => product.dispose());

  for (const at of [0, 1, 2]) {
    test(`${['hypercorn', 'gunicorn', 'uvicorn'][at]}: kill -9 of its parent, twice`, async (t) => {
      const server = servers[at] as RealServer;
      for (let time = 1; time <= 2; time++) {
        const { parent, workers } = await server.family();
        const killedAt = performance.now();
        signal(parent, 'SIGKILL');
        await until('its workers to be gone', () => workers.every((pid) => !server.everybody().includes(pid)), {
          deadlineMs: 8_000,
        });
        t.diagnostic(`the workers are gone after ${((performance.now() - killedAt) / 1000).toFixed(1)} s`);
        const next = await server.family();
        assert.notEqual(next.parent, parent);
      }
      const { parent, workers } = await server.family();
      const strangers = server.everybody().filter((pid) => pid !== parent && !workers.includes(pid));
      assert.ok(strangers.length <= 1, `beside them: ${strangers}`); // multiprocessing's own helper
    });
  }

  test('lifeguard stop right after another one: nobody answers, and no process is left', async () => {
    const [hypercorn] = servers as [RealServer];
    signal((await hypercorn.family()).parent, 'SIGKILL');
    const { code, stdout, stderr } = await product.sandbox.lifeguard(
      'stop',
      '--config',
      `${product.sandbox.dir}/ecosystem.config.ts`,
    );
    assert.equal(code, 0, stdout + stderr);
    for (const { port } of servers) await assert.rejects(get(port, '/'), /ECONNREFUSED/);
    assert.deepEqual(processesOf(product.sandbox.pm2Home), []);
  });
});

test('lifeguard stop, where lifeguard itself is gone: what a killed parent left behind is ended too', async (t) => {
  const product = new Product();
  t.after(() => product.dispose());
  const server = await realServer(product, 'hypercorn', 'hypercorn');
  await product.start();
  await product.untilState('hypercorn', 'healthy', 30_000);
  const { parent, workers } = await server.family();
  await product.sandbox.pm2('stop', 'lifeguard');
  signal(parent, 'SIGKILL');
  await until('the next parent', () => server.everybody().some((pid) => pid !== parent && !workers.includes(pid)));
  assert.ok(
    workers.every((pid) => server.everybody().includes(pid)),
    'nobody ends them',
  );
  const { code, stdout, stderr } = await product.sandbox.lifeguard(
    'stop',
    '--config',
    `${product.sandbox.dir}/ecosystem.config.ts`,
  );
  assert.equal(code, 0, stdout + stderr);
  assert.deepEqual(processesOf(product.sandbox.pm2Home), []);
  await assert.rejects(get(server.port, '/'), /ECONNREFUSED/);
});
