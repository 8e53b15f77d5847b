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

/** One that was restarted, or is, since something went bad. */
interface First {
  readonly backend: Backend;
  readonly at: number;
  /** When it went bad itself, as it is now; and whether it was well until then. */
  readonly onset: number;
  readonly isNews: boolean;
}

/** When most of a fleet goes bad at once, one of them is restarted first: no other before it is well, or has had its time. */
export const oneFirst: Invariant = (scene) => {
  let first: First | null = null;
  /** Whom lifeguard itself names as the first one. */
  let named: Pick<First, 'backend' | 'at'> | null = null;
  /** When the restart of each was decided, by its name: PM2 is asked a moment later. */
  const decidedAt = new Map<string, number>();
  return {
    on(event) {
      if (event.type === 'journal' && event.entry.what === 'warn' && event.entry.reason.code === 'shared-cause') {
        const pilot = scene.world.byName.get(event.backend);
        if (pilot) named = { backend: pilot, at: scene.world.clock.now() };
      }
      if (event.type === 'journal' && event.entry.what === 'restart') decidedAt.set(event.backend, scene.world.clock.now());
      const act = actIn(event, true);
      const backend = act && scene.world.byName.get(act.backend);
      if (!act || !backend || scene.intent.of(backend).busy > 0) return;
      // Its trial has failed or its limit is reached: what is ended then is not started again.
      if (stateOf(scene.world, backend) === 'exhausted') return;
      // One of several that has crashed is started, whatever ails the others.
      const entry = act.pmId === null ? undefined : scene.world.god?.db.get(act.pmId);
      if (entry && !entry.process?.alive) return;
      const now = scene.world.clock.now();
      const { health, since, unwellSince } = scene.truth.of(backend);
      if (!isBadByItself(health)) return;
      const next = { backend, at: now, onset: since, isNews: since - unwellSince < AT_ONCE_MS && !isAskedFor(scene, backend) };
      if (first === null || Math.abs(first.onset - since) > AT_ONCE_MS) {
        first = next;
        return;
      }
      if (first.backend === backend || !next.isNews || !isOfMany(scene, backend, since)) return;
      const pilot = named !== null && named.at > since ? named : first;
      if (pilot.backend === backend || (pilot === named && (decidedAt.get(act.backend) ?? 0) < named.at)) return;
      const { health: its } = scene.truth.of(pilot.backend);
      const givenMs = Math.min(PILOT_MS, pilot.backend.plan.rules.startupTimeoutMs) - 1_000;
      if (its === 'well' || its === 'mixed' || now - pilot.at >= givenMs) return;
      if (first.isNews || pilot === named)
        scene.world.fail(
          'one is restarted first',
          act.backend,
          `${act.what} ${act.pmId ?? ''} ${Math.round(now - pilot.at)} ms after ${pilot.backend.plan.name}, which is not well yet (${its})`,
        );
      // What was wrong with that one before had its own restart due.
      first = next;
    },
  };
};

function isAskedFor({ world, intent }: Scene, backend: Backend): boolean {
  return world.clock.now() - intent.of(backend).commandedAt < 60_000;
}

/** Most of the fleet went bad together with this one, by what a check sees, and that is to be known. */
function isOfMany({ world, truth, intent, disturbance }: Scene, { plan }: Backend, since: number): boolean {
  if (plan.rules.intervalMs > OFTEN_MS || disturbance.seenForMs(since) < SEEN_MS) return false;
  const watched = world.backends.filter((each) => {
    const { health } = truth.of(each);
    return health !== 'off' && health !== 'foreign' && !intent.isPaused(each) && !intent.isDown(each);
  });
  const together = watched.filter((each) => {
    const known = truth.of(each);
    const isNews = known.since - known.unwellSince < AT_ONCE_MS;
    const isSeen = each.plan.rules.intervalMs <= OFTEN_MS && isBadByItself(known.health);
    return isNews && isSeen && Math.abs(known.since - since) < AT_ONCE_MS;
  });
  // Some to spare: how many lifeguard watches is not known exactly.
  return together.length >= 3 && together.length > 0.6 * watched.length;
}

function isBadByItself(health: Parameters<typeof isSick>[0]): boolean {
  return isSick(health) && health !== 'dependency' && health !== 'overload';
}
