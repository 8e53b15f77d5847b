import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWorld } from './run.ts';
import { drawPlan } from './world/plan.ts';

/** Backend-hours that are played at least. The worlds are the same each time; `npm run simulate -- --seed S` plays others. */
const HOURS = 100;
const FIRST_SEED = 17_000_000;

test('a hundred hours of backends in a simulated world: no invariant is broken', async (t) => {
  let hours = 0;
  let worlds = 0;
  while (hours < HOURS) {
    const { plan, backendHours, violation, story } = await runWorld(drawPlan(FIRST_SEED + worlds));
    worlds += 1;
    hours += backendHours;
    const again = `npm run simulate -- --seed ${plan.seed} --only`;
    assert.equal(violation, null, `${story.slice(-40).join('\n')}\nAgain: ${again}`);
  }
  t.diagnostic(`${worlds} worlds, ${hours.toFixed(0)} backend-hours`);
});
