import assert from 'node:assert/strict';
import { test } from 'node:test';
import { togetherWithOthers } from '../../../src/lifeguard/together.ts';

test('a small fleet is checked when it is due', () => {
  assert.equal(togetherWithOthers(321, 7, { intervalMs: 1_000, place: 3, size: 20 }), 321);
});

test('in a large fleet all started at once, the checks spread evenly over the interval, on a grid, and stay there', () => {
  const size = 1_000;
  const intervalMs = 1_000;
  const atSecondRound = new Map<number, number>();
  for (let place = 0; place < size; place++) {
    let now = 12_345.6;
    for (let round = 0; round < 5; round++) {
      const delay = togetherWithOthers(intervalMs, now, { intervalMs, place, size });
      assert.ok(delay >= 0 && Math.abs(delay - intervalMs) <= (round === 0 ? 500 : 5), `${place}: ${delay}`);
      // A timer fires up to some ms late.
      now += delay + (place % 5);
      if (round === 1) atSecondRound.set(Math.floor(now / 100), (atSecondRound.get(Math.floor(now / 100)) ?? 0) + 1);
    }
  }
  const counts = [...atSecondRound.values()];
  assert.ok(Math.max(...counts) <= 100, `at most a tenth together: ${counts}`);
});
