import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionTable, answer, PM2_COUNTS_MS } from '../../probes/actions.ts';
import type { Supervisor } from '../../src/lifeguard/supervise.ts';

const { status } = actionTable({} as never);
const supervisor = { names: ['api'], status: () => [] } as unknown as Supervisor;

/** How long the answer took, ms. */
async function tookMs(param: unknown): Promise<number> {
  assert.ok(status);
  const since = performance.now();
  await answer(status, supervisor, param);
  return performance.now() - since;
}

test('pm2 trigger is answered once PM2 has told it how many answers will come: else it would hang', async () => {
  assert.ok((await tookMs({})) >= PM2_COUNTS_MS - 2);
});

test('who asks with an id hears at once', async () => {
  assert.ok((await tookMs('api @1')) < PM2_COUNTS_MS);
});
