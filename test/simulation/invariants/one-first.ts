import type { Backend } from '../backend/backend.ts';
import { isSick } from '../world/truth.ts';
import { actIn, type Invariant, type Scene, stateOf } from './scene.ts';

/** Gone bad within this time of each other. */
const AT_ONCE_MS = 2_000;
/** Checked so seldom, they are not known to have gone bad at once. */
const OFTEN_MS = 1_000;
/** For so long it is to be seen: with an interval of 1 s the verdict comes sooner than that. */
const SEEN_MS = 300;
/** The first one has so long to get well. */
const PILOT_MS = 25_000;

/** When most of a fleet goes bad at once, one of them is restarted first: no other before it is well, or has had its time. */
export const oneFirst: Invariant = (scene) => {
  let first: { readonly backend: Backend; readonly at: number; readonly onset: number } | null = null;
  return {
    on(event) {
      const act = actIn(event, true);
      const backend = act && scene.world.byName.get(act.backend);
      if (!act || !backend || scene.intent.of(backend).busy > 0) return;
      // Its trial has failed or its limit is reached: what is ended then is not started again.
      if (stateOf(scene.world, backend) === 'exhausted') return;
      const now = scene.world.clock.now();
      if (now - scene.intent.of(backend).commandedAt < 60_000) return;
      const onset = sharedOnset(scene, backend);
      if (onset === null) return;
      if (first === null || Math.abs(first.onset - onset) > AT_ONCE_MS) {
        first = { backend, at: now, onset };
        return;
      }
      if (first.backend === backend) return;
      const { health } = scene.truth.of(first.backend);
      const givenMs = Math.min(PILOT_MS, first.backend.plan.rules.startupTimeoutMs) - 1_000;
      if (health !== 'well' && now - first.at < givenMs)
        scene.world.fail(
          'one is restarted first',
          act.backend,
          `${act.what} ${act.pmId ?? ''} ${Math.round(now - first.at)} ms after ${first.backend.plan.name}, which is not well yet (${health})`,
        );
    },
  };
};

/** When most of the fleet went bad together with this one, by what a check sees; null: they did not. */
function sharedOnset({ world, truth, intent, disturbance }: Scene, backend: Backend): number | null {
  const { since, health, unwellSince } = truth.of(backend);
  // What was wrong with it before may have its own restart due.
  if (since - unwellSince > AT_ONCE_MS) return null;
  if (!isBadByItself(health) || backend.plan.rules.intervalMs > OFTEN_MS || disturbance.seenForMs(since) < SEEN_MS) return null;
  const watched = world.backends.filter((each) => {
    const { health: its } = truth.of(each);
    return its !== 'off' && its !== 'foreign' && !intent.isPaused(each) && !intent.isDown(each);
  });
  const together = watched.filter((each) => {
    const known = truth.of(each);
    const isNews = known.since - known.unwellSince < AT_ONCE_MS;
    return (
      isNews &&
      isBadByItself(known.health) &&
      Math.abs(known.since - since) < AT_ONCE_MS &&
      each.plan.rules.intervalMs <= OFTEN_MS
    );
  });
  // Some to spare: how many lifeguard watches is not known exactly.
  return together.length >= 3 && together.length > 0.6 * watched.length ? since : null;
}

function isBadByItself(health: Parameters<typeof isSick>[0]): boolean {
  return isSick(health) && health !== 'dependency' && health !== 'overload';
}
