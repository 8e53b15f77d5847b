import type { Policy } from './policy.ts';
import { type BackendState, initialState, NEVER } from './state.ts';

/** Changed whenever {@link BackendState} changes its shape: an older snapshot is then not read. */
const VERSION = 1;

/** What is written to a file, as JSON. */
export interface Snapshot {
  readonly version: number;
  /** The monotonic and the wall clock when it was taken, ms. */
  readonly at: number;
  readonly wallAt: number;
  /** Of the state's JSON: tells a damaged file. */
  readonly sum: string;
  readonly state: BackendState;
}

/** `warning`: why it could not be used, for the log. */
export type Restored =
  | { readonly state: BackendState; readonly warning: null }
  | { readonly state: null; readonly warning: string };

export function toSnapshot(state: BackendState, now: number, wallNow: number): Snapshot {
  return { version: VERSION, at: now, wallAt: wallNow, sum: checksum(JSON.stringify(state)), state };
}

/**
 * Takes up where a predecessor left off. Its monotonic clock was another one, so what has passed since is told by the wall clock;
 * none has if that went back. Dependencies follow the present policy.
 */
export function fromSnapshot(json: unknown, policy: Policy, now: number, wallNow: number): Restored {
  if (!isRecord(json)) return refused('it is not an object');
  if (json.version !== VERSION) return refused(`its version is ${String(json.version)}, not ${VERSION}`);
  const { at, wallAt, sum, state } = json;
  if (!isTime(at) || !isTime(wallAt) || !isRecord(state) || sum !== checksum(JSON.stringify(state)))
    return refused('it is damaged');
  const elapsed = Math.max(0, wallNow - wallAt);
  const moved = shiftTimes(state as unknown as BackendState, now - elapsed - at);
  const known = initialState(policy, now, moved.seed).dependencies;
  const dependencies = Object.fromEntries(
    Object.entries(known).map(([name, unknown]) => [name, moved.dependencies[name] ?? unknown]),
  );
  return { state: { ...moved, dependencies }, warning: null };
}

/** The same state on a clock that reads `by` ms more. */
export function shiftTimes(state: BackendState, by: number): BackendState {
  const on = (at: number): number => (at === NEVER ? NEVER : at + by);
  const maybe = (at: number | null): number | null => (at === null ? null : at + by);
  const { streak, due, attempt, cure, incident, pause, dependencies } = state;
  return {
    ...state,
    since: on(state.since),
    startedAt: on(state.startedAt),
    cameUpAt: maybe(state.cameUpAt),
    stopAskedAt: on(state.stopAskedAt),
    streak: {
      ...streak,
      firstStartedAt: on(streak.firstStartedAt),
      lastStartedAt: on(streak.lastStartedAt),
      firstFailedAt: on(streak.firstFailedAt),
      answeredAt: on(streak.answeredAt),
      succeededAt: on(streak.succeededAt),
    },
    lastCheckAt: on(state.lastCheckAt),
    restarts: state.restarts.map((restart) => ({ ...restart, at: on(restart.at) })),
    lastRestartAt: maybe(state.lastRestartAt),
    healthySince: maybe(state.healthySince),
    stableAt: maybe(state.stableAt),
    due: due && { ...due, at: on(due.at) },
    attempt: attempt && { ...attempt, performedAt: maybe(attempt.performedAt) },
    spareDueAt: maybe(state.spareDueAt),
    trialSince: maybe(state.trialSince),
    cure: cure && { ...cure, restartedAt: on(cure.restartedAt) },
    overloadSince: maybe(state.overloadSince),
    dependencies: Object.fromEntries(Object.entries(dependencies).map(([name, known]) => [name, { ...known, at: on(known.at) }])),
    dependenciesBackAt: maybe(state.dependenciesBackAt),
    incident: incident && { ...incident, failedAt: on(incident.failedAt) },
    pause: pause && { ...pause, until: on(pause.until), resumeSince: on(pause.resumeSince) },
    orphanAskedAt: maybe(state.orphanAskedAt),
  };
}

/** FNV-1a, 32 bits: finds a torn or edited file, and needs no library. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

function refused(why: string): Restored {
  return { state: null, warning: `the state of before cannot be used: ${why}` };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
