// One of two workers stands still, or their parent, and the others answer every check: nobody notices but who looks at each.
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { until } from '../support/poll.ts';
import { get, Product, signal } from '../support/product.ts';
import { type RealServer, realServer, type ServerKind } from '../support/real-server.ts';

/** Whether its parent makes another worker: of uvicorn and hypercorn as Debian 12 has them nobody does; and whether the others need it to serve. */
const KINDS: readonly (readonly [kind: ServerKind, isReplaced: boolean, servesOn: boolean])[] = [
  ['gunicorn', true, true],
  ['uvicorn', false, true],
  ['hypercorn', false, true],
  ['node, its own cluster', true, false],
];

suite('frozen while the others serve', () => {
  const product = new Product();
  const servers = new Map<string, RealServer>();

  before(async () => {
    for (const [kind] of KINDS) servers.set(kind, await realServer(product, nameOf(kind), kind));
    await product.start();
    for (const [kind] of KINDS) await product.untilState(nameOf(kind), 'healthy', 30_000);
  });
  after(() => product.dispose());

  suite('a worker', { concurrency: true }, () => {
    for (const [kind, isReplaced] of KINDS) {
      test(`${kind}: ${isReplaced ? 'it alone is ended, and its parent makes another' : 'it is ended, and then all are restarted'}`, async (t) => {
        const { parent, workers } = await familyOf(kind);
        const next = await freeze(t, kind, workers[0]);
        assert.equal(next.parent === parent, isReplaced);
        const decisions = product.decisions(nameOf(kind));
        assert.deepEqual(decisions.slice(0, 2), ['fail worker-frozen', 'restart worker-frozen']);
        assert.equal(decisions.includes('restart worker-lost'), !isReplaced);
      });
    }
  });

  suite('the parent', { concurrency: true }, () => {
    for (const [kind] of KINDS.filter(([, , servesOn]) => servesOn)) {
      test(`${kind}: its workers serve on, it is noticed, and all is restarted`, async (t) => {
        const { parent, workers } = await familyOf(kind);
        const next = await freeze(t, kind, parent);
        assert.ok(!next.workers.some((pid) => workers.includes(pid)));
        const [last] = product
          .incidents(nameOf(kind))
          .filter(({ what }) => what === 'restart')
          .slice(-1);
        assert.match(last?.reason.text ?? '', /^Its parent process, pid \d+, is stopped \(SIGSTOP\) while its workers serve/);
      });
    }
  });

  const familyOf = (kind: ServerKind) => (servers.get(kind) as RealServer).family();

  async function freeze(t: TestContext, kind: ServerKind, victim: number | undefined) {
    const server = servers.get(kind) as RealServer;
    const frozenAt = performance.now();
    const seconds = () => ((performance.now() - frozenAt) / 1_000).toFixed(1);
    signal(victim, 'SIGSTOP');
    let failed = 0;
    const answers = setInterval(() => void get(server.port, '/').catch(() => failed++), 200);
    t.after(() => clearInterval(answers));
    await until('it to be gone', () => victim !== undefined && !server.everybody().includes(victim), { deadlineMs: 40_000 });
    t.diagnostic(`ended after ${seconds()} s`);
    const next = await until('two workers again', async () => {
      const family = await server.family();
      return family.workers.length === 2 && ![family.parent, ...family.workers].includes(victim ?? 0) ? family : null;
    });
    await product.untilState(server.name, 'healthy', 30_000);
    clearInterval(answers);
    t.diagnostic(`two workers after ${seconds()} s; ${failed} of the requests made meanwhile had no answer`);
    return next;
  }
});

function nameOf(kind: ServerKind): string {
  return kind.replaceAll(/[^a-z]+/g, '-');
}
