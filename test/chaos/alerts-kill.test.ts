import { test } from 'node:test';
import { assertAllTold } from '../support/all-told.ts';
import { killWhileTelling } from '../support/kill-while-telling.ts';

test('killed with SIGKILL at 100 random moments while it sends: nothing lost, nothing under two keys, the order kept', async (t) => {
  const told = await killWhileTelling({ kills: 100, troubles: 300 });
  assertAllTold(told, 300, (text) => t.diagnostic(text));
});
