import type { BackendPlan, Rules } from '../backend/plan.ts';
import { Chance } from '../chance.ts';
import { FAULTS, type FaultKind } from '../faults/faults.ts';
import { NO_TROUBLE, type Trouble } from '../pm2/trouble.ts';

/** Everything that is decided about a world before it begins. The same seed gives the same plan. */
export interface WorldPlan {
  readonly seed: number;
  readonly backends: readonly BackendPlan[];
  /** What lifeguard is told to ask of each dependency. */
  readonly dependencies: readonly string[];
  /** Apps in the same PM2 that are none of ours. */
  readonly neighbours: number;
  /** How many pids there are. */
  readonly pids: number;
  /** How PM2 is when nothing is wrong with it. */
  readonly trouble: Trouble;
  readonly faults: readonly Fault[];
  readonly durationMs: number;
}

/** One thing that goes wrong. What exactly it is like is drawn from its own seed, so that others can be left out without changing it. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Index of the backend; of faults of the whole world it means nothing. */
  readonly backend: number;
  readonly seed: number;
}

const MINUTE = 60_000;
const DURATION_MS = 150 * MINUTE;
/** At the end nothing new goes wrong, and everything has to get well. */
const QUIET_MS = 45 * MINUTE;
const FIRST_FAULT_MS = 90_000;
/** Between two faults of one backend, and between two of the world, on average. */
const BACKEND_FAULT_EVERY_MS = 9 * MINUTE;
const WORLD_FAULT_EVERY_MS = 12 * MINUTE;
const FIRST_PORT = 10_000;
/** The share of fleets that keep to the defaults altogether, and of backends in the others: a third of all backends. */
const ALL_AS_DEFAULT = 1 / 4;
const AS_DEFAULT = 1 / 9;

export function drawPlan(seed: number): WorldPlan {
  const chance = new Chance(seed);
  const size = Math.round(chance.spread(1, 50));
  const dependencies = Array.from({ length: chance.whole(0, 3) }, (_, i) => `tcp://127.0.0.1:${5000 + i}`);
  // In some fleets all are asked as often, as where nobody has set anything: there it shows best who goes bad together.
  const asDefault = chance.is(ALL_AS_DEFAULT) ? 1 : AS_DEFAULT;
  const backends = Array.from({ length: size }, (_, i) => drawBackend(chance, i, dependencies.length, asDefault));
  return {
    seed,
    backends,
    dependencies,
    neighbours: chance.whole(0, 3),
    pids: size * 8 + chance.whole(100, 3_000),
    trouble: drawTrouble(chance, size),
    faults: drawFaults(chance, size),
    durationMs: DURATION_MS,
  };
}

function drawBackend(chance: Chance, i: number, dependencies: number, asDefault: number): BackendPlan {
  const shape = chance.weighted({ single: 6, tree: 2, cluster: 3 });
  const rules = drawRules(chance, shape === 'cluster' ? chance.whole(2, 4) : 1, asDefault);
  return {
    name: `backend-${i}`,
    port: FIRST_PORT + i,
    rules,
    shape,
    bootMs: Math.min(chance.spread(150, 30_000), rules.startupTimeoutMs / 2),
    latencyMs: chance.spread(1, Math.min(300, rules.timeoutMs / 4)),
    drainMs: chance.is(0.1) ? rules.killTimeoutMs * chance.between(0.5, 1.5) : chance.spread(20, 1_500),
    endsWithDaemon: shape === 'cluster' || (shape === 'single' && chance.is(0.5)),
    childFollows: chance.is(0.5),
    survivesTakenPort: chance.is(0.15),
    dependency: dependencies > 0 && chance.is(0.5) ? chance.whole(0, dependencies - 1) : null,
    goesStale: chance.is(0.3),
  };
}

/** @param asDefault the share that keeps to what the configuration has as defaults; the others vary */
function drawRules(chance: Chance, instances: number, asDefault: number): Rules {
  const defaults: Rules = {
    instances,
    intervalMs: 1_000,
    timeoutMs: 5_000,
    failureThreshold: 3,
    successThreshold: 1,
    startupTimeoutMs: 60_000,
    retryAfterMaxMs: 60_000,
    hasReadiness: true,
    restartOn: ['crash', 'hang', 'unreachable', '503'],
    maxRestarts: 10,
    withinMs: 10 * MINUTE,
    coolDownMs: 15 * MINUTE,
    backoff: { initialMs: 1_000, factor: 2, maxMs: 5 * MINUTE, jitter: 0.2 },
    killTimeoutMs: 10_000,
    maxMemoryBytes: null,
  };
  if (chance.is(asDefault)) return defaults;
  const withinMs = Math.round(chance.between(3, 12)) * MINUTE;
  const either = <T>(usual: T, other: T): T => (chance.is(0.6) ? usual : other);
  return {
    ...defaults,
    intervalMs: Math.round(chance.spread(2_000, 60_000)),
    timeoutMs: either(5_000, Math.round(chance.spread(500, 10_000))),
    failureThreshold: either(3, chance.whole(1, 5)),
    successThreshold: either(1, chance.whole(1, 3)),
    startupTimeoutMs: either(60_000, Math.round(chance.spread(10_000, 120_000))),
    retryAfterMaxMs: either(60_000, chance.whole(0, 120) * 1_000),
    hasReadiness: chance.is(0.7),
    restartOn: chance.is(0.9)
      ? defaults.restartOn
      : chance.pick([
          ['crash', 'hang'],
          ['hang', 'unreachable', '503'],
        ] as const),
    maxRestarts: either(10, chance.whole(2, 6)),
    withinMs,
    coolDownMs: chance.is(0.1) ? null : withinMs + chance.whole(1, 8) * MINUTE,
    backoff: { initialMs: chance.whole(300, 3_000), factor: 2, maxMs: Math.round(chance.spread(20_000, 300_000)), jitter: 0.2 },
    killTimeoutMs: chance.is(0.08) ? 90_000 : Math.round(chance.spread(1_000, 20_000)),
    maxMemoryBytes: chance.is(0.2) ? 400 * 2 ** 20 : null,
  };
}

/** A PM2 with few apps answers in some ms, one with a thousand in a second or two. */
function drawTrouble(chance: Chance, size: number): Trouble {
  const listMs = chance.is(0.7) ? 5 + size * 1.2 : chance.spread(50, 2_000);
  return { ...NO_TROUBLE, listMs, listBlocksMs: Math.min(60, listMs / 8) };
}

function drawFaults(chance: Chance, size: number): Fault[] {
  const faults: Fault[] = [];
  const add = (scope: 'backend' | 'world', every: number, backend: number): void => {
    const weights = weightsOf(scope);
    for (let at = FIRST_FAULT_MS + chance.wait(every); at < DURATION_MS - QUIET_MS; at += chance.wait(every))
      faults.push({ atMs: at, kind: chance.weighted(weights), backend, seed: chance.whole(0, 2 ** 31) });
  };
  for (let i = 0; i < size; i++) add('backend', BACKEND_FAULT_EVERY_MS, i);
  add('world', WORLD_FAULT_EVERY_MS, 0);
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function weightsOf(scope: 'backend' | 'world'): Record<FaultKind, number> {
  return Object.fromEntries(
    Object.entries(FAULTS).map(([kind, fault]) => [kind, fault.scope === scope ? fault.weight : 0]),
  ) as Record<FaultKind, number>;
}
