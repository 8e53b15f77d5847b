// One of two workers stands still, the other answers every check: nobody notices but who looks at each.
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from '../support/poll.ts';
import { get, Product, signal } from '../support/product.ts';
import { type RealServer, realServer } from '../support/real-server.ts';

suite('one frozen worker among several', () => {
  const product = new Product();
  const servers = new Map<string, RealServer>();

  before(async () => {
    for (const kind of ['hypercorn', 'gunicorn', 'uvicorn'] as const) servers.set(kind, await realServer(product, kind, kind));
    await product.start();
    for (const name of servers.keys()) await product.untilState(name, 'healthy', 30_000);
  });
  after(() => product.dispose());

  // Of uvicorn and hypercorn as Debian 12 has them nobody replaces a worker that ended.
  for (const [kind, isReplaced] of [
    ['gunicorn', true],
    ['uvicorn', false],
    ['hypercorn', false],
  ] as const) {
    test(`${kind}: ${isReplaced ? 'it alone is ended, and its parent makes another' : 'it is ended, and then all are restarted'}`, async (t) => {
      const server = servers.get(kind) as RealServer;
      const { parent, workers } = await server.family();
      const [victim] = workers;
      const frozenAt = performance.now();
      const seconds = () => ((performance.now() - frozenAt) / 1_000).toFixed(1);
      signal(victim, 'SIGSTOP');
      let failed = 0;
      const answers = setInterval(() => void get(server.port, '/').catch(() => failed++), 200);
      t.after(() => clearInterval(answers));
      await until('it to be gone', () => victim !== undefined && !server.everybody().includes(victim), { deadlineMs: 30_000 });
      t.diagnostic(`ended after ${seconds()} s`);
      const next = await until('two workers again', async () => {
        const family = await server.family();
        return family.workers.length === 2 && !family.workers.includes(victim ?? 0) ? family : null;
      });
      await product.untilState(kind, 'healthy', 30_000);
      clearInterval(answers);
      t.diagnostic(`two workers after ${seconds()} s; ${failed} of the requests made meanwhile had no answer`);
      assert.equal(next.parent === parent, isReplaced);
      const decisions = product.decisions(kind);
      assert.deepEqual(decisions.slice(0, 2), ['fail worker-frozen', 'restart worker-frozen']);
      assert.equal(decisions.includes('restart worker-lost'), !isReplaced);
    });
  }
});
