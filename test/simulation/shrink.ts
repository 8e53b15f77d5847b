import { type Outcome, runWorld } from './run.ts';
import type { Fault, WorldPlan } from './world/plan.ts';

/** So many worlds are played at most. */
const MOST_TRIES = 150;

/**
 * Leaves out of a world's faults as many as it can, so that the same invariant is still broken: what is left is what it takes.
 * @returns how the smallest of these worlds went
 */
export async function shrink(broken: Outcome, except: ReadonlySet<string>): Promise<Outcome> {
  let best = broken;
  let tries = 0;
  const endsAt = broken.violation?.at ?? 0;
  for (let size = Math.ceil(broken.plan.faults.length / 2); size >= 1 && tries < MOST_TRIES; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.plan.faults.length && tries < MOST_TRIES; ) {
      tries += 1;
      const smaller = await runWorld(without(best.plan, from, size), except);
      const isSame = smaller.violation?.invariant === broken.violation?.invariant && (smaller.violation?.at ?? 0) <= endsAt;
      if (isSame) best = smaller;
      else from += size;
    }
  }
  return best;
}

function without(plan: WorldPlan, from: number, count: number): WorldPlan {
  const faults: readonly Fault[] = plan.faults.toSpliced(from, count);
  return { ...plan, faults };
}
