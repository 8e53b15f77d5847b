import { actIn, type Invariant, STARTS } from './scene.ts';

/** What an operator did is known to lifeguard after this, or seen when it looks again before it acts. */
const KNOWN_AFTER_MS = 500;

/** Nothing is done to a neighbour, nothing is started that an operator stopped, and nothing at all is done to what is paused. */
export const untouched: Invariant = ({ world, intent }) => ({
  on(event) {
    const act = actIn(event);
    if (act === null) return;
    const { backend, pmId, what } = act;
    if (!world.byName.has(backend)) return world.fail('no neighbour is touched', backend, `${what} of ${pmId ?? 'its process'}`);
    const wanted = intent.of(backend);
    const now = world.clock.now();
    const graceMs = KNOWN_AFTER_MS + 2.5 * world.trouble.listMs + world.trouble.slowCallMs;
    const stoppedAt = pmId === null ? undefined : wanted.stopped.get(pmId);
    const isUnknown = pmId !== null && intent.isUnknown(backend, pmId);
    if (stoppedAt !== undefined && STARTS.has(what) && now - stoppedAt > graceMs && wanted.commandedAt < stoppedAt && !isUnknown)
      world.fail(
        'what an operator stopped stays so',
        backend,
        `${what} ${pmId}, which was stopped ${Math.round(now - stoppedAt)} ms ago`,
      );
    const { pause } = wanted;
    if (pause !== null && intent.isPaused(backend) && now - pause.from > graceMs && wanted.commandedAt < pause.from)
      world.fail('what is paused is left alone', backend, `${what} ${pmId ?? ''}, paused ${Math.round(now - pause.from)} ms ago`);
  },
});
