import { Chance } from './chance.ts';
import { FAULTS } from './faults/faults.ts';
import { INVARIANTS } from './invariants/invariants.ts';
import { Disturbance } from './invariants/scene.ts';
import { History, timeOf } from './world/history.ts';
import { Intent } from './world/intent.ts';
import type { WorldPlan } from './world/plan.ts';
import { Truth } from './world/truth.ts';
import { type Violation, World } from './world/world.ts';

/** How a world went. */
export interface Outcome {
  readonly plan: WorldPlan;
  /** Of all its backends together. */
  readonly backendHours: number;
  readonly checks: number;
  /** Of the clock. */
  readonly steps: number;
  readonly violation: Violation | null;
  /** What happened before it was broken; empty: nothing was. */
  readonly story: readonly string[];
}

/**
 * Plays one world to its end, or until an invariant is broken.
 * @param except invariants that may be broken, by name
 * @param isWide the story is of all backends, not only of the one that it is about
 */
export async function runWorld(plan: WorldPlan, except: ReadonlySet<string> = new Set(), isWide = false): Promise<Outcome> {
  const world = new World(plan);
  world.except = except;
  const history = new History(world);
  const truth = new Truth(world);
  const intent = new Intent(world);
  const disturbance = new Disturbance(world);
  const scene = { world, truth, intent, disturbance };
  world.monitors.push(history, truth, intent, disturbance, ...INVARIANTS.map((invariant) => invariant(scene)));
  for (const { atMs, kind, backend, seed } of plan.faults)
    world.clock.after(atMs, () => {
      const target = world.backends[backend];
      const sort = FAULTS[kind];
      if (!target) return;
      // Told before it happens: what it leads to comes after it.
      const text = sort.run(world, target, new Chance(seed));
      if (text !== null) world.tell({ type: 'fault', backend: sort.scope === 'world' ? null : target.plan.name, text });
    });
  const onRejection = (reason: unknown): void =>
    world.fail('never throws', null, reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
  process.on('unhandledRejection', onRejection);
  try {
    world.begin();
    await world.clock.run(world.beganAt + plan.durationMs, () => world.violation !== null);
  } catch (error) {
    world.fail('time goes on', null, String(error));
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  const { violation } = world;
  const playedMs = (violation?.at ?? world.clock.now()) - world.beganAt;
  return {
    plan,
    backendHours: (playedMs / 3_600_000) * plan.backends.length,
    checks: world.checks,
    steps: world.clock.steps,
    violation,
    story: violation
      ? [
          ...history.around(isWide ? null : violation.backend),
          `${timeOf(violation.at, world)}  BROKEN ${violation.invariant}: ${violation.text}`,
        ]
      : [],
  };
}
