import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { modelRig } from '../../simulation/contract/model-rig.ts';
import { Play, type Seen } from '../../simulation/contract/play.ts';
import { realRig } from '../../simulation/contract/real-rig.ts';
import { SCRIPTS } from '../../simulation/contract/scripts.ts';
import { Sandbox } from '../../support/sandbox.ts';

/** The simulation's model of PM2 against PM2: the same plays, and the same is said of them. What differs is the model's fault. */
const sandbox = new Sandbox();
let real: Awaited<ReturnType<typeof realRig>>;
const seen = new Map<string, Promise<Seen>>();

before(async () => {
  real = await realRig(sandbox);
  const plays = Object.keys(SCRIPTS).map((name) => new Play(real, name));
  await real.wire.readBus((payload) => {
    for (const play of plays) play.hear(payload);
  });
  // All at once, as each has an app of its own; one after the other would take a minute.
  for (const [i, [name, script]] of Object.entries(SCRIPTS).entries()) {
    const play = plays[i];
    if (play)
      seen.set(
        name,
        real
          .sleep(i * 150)
          .then(() => script(play))
          .then(() => play.seen),
      );
  }
  await Promise.allSettled(seen.values());
});
after(async () => {
  real.close();
  await sandbox.dispose();
});

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`the model does as PM2 does: ${name}`, async () => {
    const rig = modelRig(1);
    const play = new Play(rig, name);
    let isOver = false;
    const played = rig.wire
      .readBus((payload) => play.hear(payload))
      .then(() => script(play))
      .finally(() => {
        isOver = true;
      });
    await Promise.all([played, rig.clock.run(600_000, () => isOver)]);
    const fromPm2 = await seen.get(name);
    assert.ok(fromPm2);
    assert.deepEqual(play.seen.lines, fromPm2.lines);
    for (const [what, ms] of Object.entries(fromPm2.times)) isNoSlower(what, play.seen.times[what], ms);
  });
}

/** The model must not give lifeguard more time than PM2 does. How slow PM2 is depends on what else the machine does. */
function isNoSlower(what: string, modelMs: number | undefined, realMs: number): void {
  assert.ok(modelMs !== undefined, `the model has no '${what}'`);
  assert.ok(modelMs < realMs * 1.2 + 50, `${what}: PM2 ${realMs} ms, the model ${modelMs} ms`);
}
