import { type Invariant, isPm2Unwilling, stateOf } from './scene.ts';

/** What lifeguard itself ends or keeps down is not checked. */
const NOT_CHECKED = new Set(['restarting', 'blocked', 'exhausted', 'stopped']);
const SPARE_MS = 2_500;
const LARGE = 50;

/** A backend that runs is never unobserved for longer than `interval + timeout`. */
export const observed: Invariant = ({ world, truth, intent, disturbance }) => ({
  look() {
    for (const backend of world.backends) {
      const { health, since } = truth.of(backend);
      // What is left of it is workers that were just being replaced: PM2 ends them when their time is up.
      if ([...backend.running.values()].every(({ entry }) => typeof entry.env.pm_id !== 'number')) continue;
      if (health === 'off' || health === 'not-listening' || health === 'foreign' || intent.of(backend).busy > 0) continue;
      const { intervalMs, timeoutMs } = backend.plan.rules;
      // Of a large fleet each has a moment of its own within the interval, which it comes to once.
      const phaseMs = world.backends.length >= LARGE ? intervalMs / 2 : 0;
      const allowedMs = intervalMs + timeoutMs + phaseMs + SPARE_MS + 2.5 * world.trouble.listMs + disturbance.listAwaitedMs();
      const seenForMs = disturbance.seenForMs(since);
      if (seenForMs <= allowedMs) continue;
      const unobservedMs = world.clock.now() - (world.lastCheckAt.get(backend) ?? Number.NEGATIVE_INFINITY);
      if (unobservedMs <= allowedMs) continue;
      // In the middle of what it does to it, it is not judged.
      if (world.isHandled(backend.plan.name)) continue;
      const state = stateOf(world, backend);
      if (state === null || NOT_CHECKED.has(state)) continue;
      // It is to stand still until its restart is due.
      if (state === 'unhealthy' && isPm2Unwilling(world)) continue;
      world.fail(
        'no backend is unobserved',
        backend.plan.name,
        `'${state}', and not checked for ${Math.round(Math.min(unobservedMs, seenForMs))} ms`,
      );
    }
  },
});
