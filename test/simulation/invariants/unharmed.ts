import type { Backend } from '../backend/backend.ts';
import { type Act, actIn, type Invariant, isPm2Unwilling, type Scene } from './scene.ts';

/** Memory is looked at this often. */
const MEMORY_MS = 8_000;
/** It was well just before, and every answer asks for patience: within this the first one is there. */
const PLAIN_MS = 500;

/** Nothing that is well, slow to start, or cannot be helped by it is restarted. */
export const unharmed: Invariant = (scene) => ({
  on(event) {
    if (event.type === 'journal' && event.entry.what === 'restart' && event.entry.cause === '503') {
      const hurry = isImpatient(scene, event.backend);
      if (hurry !== null) scene.world.fail('nothing is hurt', event.backend, `restarted for its 503: ${hurry}`);
    }
    const act = actIn(event, true);
    const backend = act && scene.world.byName.get(act.backend);
    if (!act || !backend) return;
    const wanted = scene.intent.of(backend);
    const { world } = scene;
    if (world.clock.now() - wanted.commandedAt < 60_000 || wanted.busy > 0) return;
    const entry = act.pmId === null ? undefined : world.god?.db.get(act.pmId);
    // What has ended is only started.
    if (entry && !entry.process?.alive) return;
    const why = whyNot(scene, backend, act);
    if (why !== null) world.fail('nothing is hurt', act.backend, `${act.what} ${act.pmId ?? ''}: ${why}`);
  },
});

/** It asked for patience, and again within the time that it asked for; null: it did not, or has had all that is given. */
function isImpatient({ world, truth, disturbance }: Scene, name: string): string | null {
  const backend = world.byName.get(name);
  if (!backend) return null;
  const { health, since, unwellSince } = truth.of(backend);
  const { intervalMs, timeoutMs, retryAfterMaxMs } = backend.plan.rules;
  const [running] = backend.listening();
  const ailment = running && backend.ailmentOf(running)?.ailment;
  if (health !== 'overload' || ailment?.kind !== 'status' || ailment.retryAfterMs === null) return null;
  const forMs = disturbance.seenForMs(since);
  // The first answers may be those that never come, or be counted with what was wrong before.
  const isPlain = ailment.silentShare === 0 && since - unwellSince < PLAIN_MS;
  const isKnown = forMs > (isPlain ? PLAIN_MS : 4 * intervalMs + 3 * timeoutMs + 3_000);
  const isAskedAgain = ailment.retryAfterMs > Math.max(3, silentInARow(ailment.silentShare)) * (intervalMs + timeoutMs);
  // Whatever was wrong with it meanwhile, and though lifeguard stood still: the time that it is given is no longer for that.
  return isKnown && isAskedAgain && world.clock.now() - unwellSince < retryAfterMaxMs - timeoutMs
    ? `it has asked for patience for ${Math.round(forMs)} ms, of ${retryAfterMaxMs} ms that it is given`
    : null;
}

/** So many answers that never come may follow each other, once in ten thousand. */
function silentInARow(share: number): number {
  return share === 0 ? 0 : Math.log(1e-4) / Math.log(share);
}

/** Why it should have been left alone; null: it may have been right. */
function whyNot({ world, truth, disturbance }: Scene, backend: Backend, { what }: Act): string | null {
  const { health, since } = truth.of(backend);
  const { intervalMs, timeoutMs, maxMemoryBytes, startupTimeoutMs } = backend.plan.rules;
  const forMs = disturbance.seenForMs(since);
  const knownMs = 2 * intervalMs + timeoutMs + 3_000 + 2.5 * world.trouble.listMs + disturbance.listAwaitedMs();
  const inWords = `for ${Math.round(forMs)} ms`;
  if (health === 'well' && forMs > knownMs) {
    const isKnownAgain = world.clock.now() - backend.lighterSince > MEMORY_MS;
    const isOverMemory = maxMemoryBytes !== null && (backend.extraMemoryBytes > 0 || !isKnownAgain);
    return isOverMemory ? null : `it has been well ${inWords}`;
  }
  if (health === 'odd' && forMs > knownMs) return `it has answered 404 ${inWords}`;
  const begun = [...backend.running.keys()].map(({ startedAt }) => startedAt);
  const bootsForMs = world.clock.now() - Math.min(since, ...begun);
  if (health === 'not-listening' && !backend.bootTrouble && bootsForMs > 1_000 && bootsForMs < startupTimeoutMs - 1_000) {
    const { god } = world;
    const isEnding = [...backend.running.values()].some(
      ({ phase, entry }) => phase === 'draining' || entry.env.status !== 'online',
    );
    // PM2 goes on starting what is given up, and will not stop it.
    return god === null || isEnding || (what === 'kill' && isPm2Unwilling(world))
      ? null
      : `it has been starting for ${Math.round(bootsForMs)} ms, and has ${startupTimeoutMs} ms to do so`;
  }
  if (
    health === 'dependency' &&
    forMs > knownMs + 5_000 &&
    backend.dependency &&
    world.clock.now() - backend.dependency.changedAt > knownMs + 5_000
  )
    return `what it depends on has been down ${inWords}`;
  return null;
}
