import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/poll.ts';

test('until returns the first answer and reports the last one at its deadline', async () => {
  let n = 0;
  assert.equal(await until('three', () => (++n === 3 ? n : null), { everyMs: 1 }), 3);
  await assert.rejects(
    until('never', () => false, { deadlineMs: 20, everyMs: 5 }),
    /waited 20 ms for: never; last: false/,
  );
});
