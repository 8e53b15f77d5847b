import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllTold } from '../../support/all-told.ts';
import { killWhileTelling } from '../../support/kill-while-telling.ts';

test('killed with SIGKILL while it sends, again and again: nothing lost, nothing under two keys, the order kept', async (t) => {
  const told = await killWhileTelling({ kills: 5, troubles: 30 });
  assert.ok(told.kills >= 5, `${told.kills} kills`);
  assertAllTold(told, 30, (text) => t.diagnostic(text));
});
