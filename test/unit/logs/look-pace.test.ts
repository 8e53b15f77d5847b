import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LookPace } from '../../../src/logs/holding/look-pace.ts';

function paceOf(tookMs: number) {
  let now = 1_000;
  const pace = new LookPace({ now: () => now, wallNow: () => now });
  const look = (isCalm: boolean) =>
    pace.look(
      async () => {
        now += tookMs;
      },
      () => isCalm,
    );
  const pass = (ms: number): void => {
    now += ms;
  };
  return { pace, look, pass };
}

test('while all is as it should be there is a look every 2.5 s; a rotation calls for the next one at once', async () => {
  const { pace, look, pass } = paceOf(2);
  assert.ok(pace.isDue());
  await look(true);
  pass(2_400);
  assert.ok(!pace.isDue());
  pace.disturb();
  assert.ok(pace.isDue());
  await look(false);
  pass(300);
  assert.ok(pace.isDue());
});

test('a look that takes long rests a hundred times as long, whatever happens', async () => {
  const { pace, look, pass } = paceOf(40);
  await look(true);
  pace.disturb();
  pass(3_900);
  assert.ok(!pace.isDue());
  pass(200);
  assert.ok(pace.isDue());
});
