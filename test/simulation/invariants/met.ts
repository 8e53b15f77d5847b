import type { Backend } from '../backend/backend.ts';
import type { Rules } from '../backend/plan.ts';
import { isSick } from '../world/truth.ts';
import type { World } from '../world/world.ts';
import { type Invariant, isPm2Unwilling, noticeMs, type Scene, stateOf, verdictMs } from './scene.ts';

/** lifeguard's words for what it takes to be well, or nearly. */
const SEEMS_WELL: ReadonlySet<string> = new Set(['healthy', 'suspect', 'unchecked']);
/** A process that is gone or comes back is known of after this. */
const BUS_MS = 3_000;
/** What an operator stopped or deleted without a word on the bus is known after the next list: each rests for up to so long. */
const LIST_MS = 45_000;
const LIST_RESTS_MS = 65_000;
/** A port that is free again. */
const PORT_FREE_MS = 3_500;
/** What is due, or is to be stopped before it is started. */
const DUE_MS = 20_000;
/** PM2's answer to a restart is waited for so long, and then a new process. */
const UNHEARD_MS = 70_000;

/** A state, and since when lifeguard says so. */
interface Said {
  readonly state: string;
  readonly since: number;
  /** Since when it seems well by what lifeguard says. */
  readonly seemsWellSince: number;
  /** Since when it waits for nothing that it says, though PM2 has no process of it. */
  idleSince: number | null;
}

/** What lifeguard says of a backend is how it is: nothing sick, gone or well is taken for something else for longer than a verdict takes. */
export const met: Invariant = (scene) => {
  const { world } = scene;
  const all = new Map<Backend, Said>();
  return {
    look() {
      for (const backend of world.backends) {
        const state = stateOf(world, backend);
        if (state === null || scene.intent.of(backend).busy > 0) continue;
        const before = all.get(backend);
        const said = before?.state === state ? before : saidNow(state, before, world.clock.now());
        all.set(backend, said);
        const wrong = whatIsWrong(scene, backend, said);
        if (wrong !== null) world.fail(wrong, backend.plan.name, inWords(scene, backend, said));
      }
    },
  };
};

function saidNow(state: string, before: Said | undefined, now: number): Said {
  const seemedWell = before !== undefined && SEEMS_WELL.has(before.state);
  return { state, since: now, seemsWellSince: seemedWell ? before.seemsWellSince : now, idleSince: null };
}

function inWords({ world, truth }: Scene, backend: Backend, { state, since }: Said): string {
  const known = truth.of(backend);
  const ms = (at: number): number => Math.round(world.clock.now() - at);
  return `'${state}' for ${ms(since)} ms, and it has been ${known.health} for ${ms(known.since)} ms`;
}

/** The name of what is broken; null: it is as lifeguard says, or may not be known yet. */
function whatIsWrong(scene: Scene, backend: Backend, said: Said): string | null {
  const { world, truth, intent, disturbance } = scene;
  const { health, since } = truth.of(backend);
  const lateMs = 2.5 * world.trouble.listMs + disturbance.listAwaitedMs();
  const { actedAt, pause } = intent.of(backend);
  // While it was paused nothing was to be done.
  const pausedUntil = pause === null ? Number.NEGATIVE_INFINITY : Math.min(pause.until, world.clock.now());
  const forMs = disturbance.seenForMs(Math.max(since, actedAt, pausedUntil)) - lateMs;
  if (said.state === 'paused') return isPausedRightly(scene, backend, forMs) ? null : 'a pause ends';
  // What is left of it then is a worker that was just being replaced, until its time is up.
  if (health !== 'off' && intent.isDown(backend)) return null;
  if (isSick(health)) return isMissed(backend, said, forMs, scene) ? 'every sick stretch is met' : null;
  // It was to stand still until its restart is due.
  if (health === 'well' && said.state === 'unhealthy' && isPm2Unwilling(world)) return null;
  if (health === 'well')
    return isHealthMissed(backend, said.state, forMs, world.clock.now()) ? 'what is well is known to be' : null;
  if (health !== 'off') return null;
  const saidForMs = Math.min(forMs, world.clock.now() - said.since - lateMs);
  return isEndMissed(scene, backend, said, saidForMs) ? 'what has ended is known to have' : null;
}

/** Where clocks were set it is not known how long a pause lasts for lifeguard's successor. */
function isPausedRightly({ intent, disturbance }: Scene, backend: Backend, forMs: number): boolean {
  return intent.mayBePaused(backend) || Number.isFinite(disturbance.clockAt) || forMs < BUS_MS;
}

function isMissed(backend: Backend, { state, seemsWellSince }: Said, sickForMs: number, { world, truth }: Scene): boolean {
  const { rules } = backend.plan;
  const { unwellSince } = truth.of(backend);
  const within = verdictMs(rules, world.trouble.listMs);
  // In its start an answer may come through that has it taken for well, until a verdict is found.
  const forMs = SEEMS_WELL.has(state) ? Math.min(sickForMs, world.clock.now() - seemsWellSince) : sickForMs;
  // None of its processes has ever been well: each has its time to start.
  const isNew = [...backend.running.keys()].every(({ startedAt }) => startedAt > unwellSince);
  if (state === 'starting') return forMs > within + rules.startupTimeoutMs;
  return (SEEMS_WELL.has(state) || state === 'stopped') && forMs > within + (isNew ? rules.startupTimeoutMs : 0);
}

function isHealthMissed(backend: Backend, state: string, wellForMs: number, now: number): boolean {
  const { plan, extraMemoryBytes, lighterSince } = backend;
  const { rules } = plan;
  const forMs = Math.min(wellForMs, now - lighterSince);
  // A restart for its memory is carried out however well it answers.
  if (SEEMS_WELL.has(state) || extraMemoryBytes > 0) return false;
  return forMs > noticeMs(rules) + oneByOneMs(state, rules);
}

/** Its workers are replaced, or stopped, one after the other. */
function oneByOneMs(state: string, { instances, killTimeoutMs, startupTimeoutMs }: Rules): number {
  if (state === 'restarting') return instances * (killTimeoutMs + startupTimeoutMs);
  return state === 'exhausted' ? instances * killTimeoutMs : 0;
}

/** PM2 has no process of it. */
function isEndMissed({ world, intent }: Scene, backend: Backend, said: Said, forMs: number): boolean {
  const { state } = said;
  const { rules, port } = backend.plan;
  const listedMs = LIST_MS + LIST_RESTS_MS;
  if (intent.isDown(backend)) return state !== 'stopped' && forMs > listedMs && !intent.isDownUnknown(backend);
  if (SEEMS_WELL.has(state) || state === 'starting' || state === 'degraded') return forMs > BUS_MS;
  // Who is not to be started again may have ended or been stopped: PM2's list does not tell.
  if (state === 'stopped') return forMs > listedMs && rules.restartOn.includes('crash');
  if (state === 'restarting') return forMs > rules.instances * (rules.killTimeoutMs + UNHEARD_MS) + rules.startupTimeoutMs;
  const isWaiting =
    state === 'blocked' ? world.ground.ports.at(port) !== undefined : state !== 'unhealthy' || isDueLater(world, backend);
  const now = world.clock.now();
  said.idleSince = isWaiting ? null : (said.idleSince ?? now);
  const allowedMs = (state === 'blocked' ? PORT_FREE_MS : DUE_MS) + rules.killTimeoutMs;
  return said.idleSince !== null && Math.min(forMs, now - said.idleSince) > allowedMs;
}

function isDueLater({ life }: World, { plan: { name, rules } }: Backend): boolean {
  return !rules.restartOn.includes('crash') || (life?.supervisor.status(name).policy.dueInMs ?? 0) > 0;
}
