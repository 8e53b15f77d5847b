import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limiter } from '../../../src/backend/database/limiter.ts';

const busy = () => new Error('busy');

test('as many as there is room for, the next in order, the rest are refused: queue full, waited too long, sent away', async () => {
  const limiter = new Limiter(1, 2);
  await limiter.enter(1_000, busy);
  const order: string[] = [];
  const first = limiter.enter(1_000, busy).then(() => order.push('first'));
  const second = limiter.enter(1, busy);
  await assert.rejects(limiter.enter(1_000, busy), /busy/, 'the queue is full');
  await assert.rejects(second, /busy/, 'it waited too long');
  const third = limiter.enter(1_000, busy);
  limiter.leave();
  await first;
  limiter.refuseWaiting(new Error('down'));
  await assert.rejects(third, /down/);
  limiter.leave();
  await limiter.enter(0, busy);
  assert.deepEqual(order, ['first']);
});
