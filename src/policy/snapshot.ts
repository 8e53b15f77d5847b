import type { Policy } from './policy.ts';
import { type BackendState, type Budget, initialState } from './state.ts';

/** Changed whenever {@link BackendState} changes its shape: an older snapshot is then not read. */
const VERSION = 2;
/** That of 0.1.0. */
const FIRST_VERSION = 1;

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
 * Takes up where a predecessor left off. Its monotonic clock was another one, so what has passed since is told by the wall clock; none has if
 * that went back. Whatever PM2 was doing for it is over or is found out; dependencies follow the present policy.
 */
export function fromSnapshot(json: unknown, policy: Policy, now: number, wallNow: number): Restored {
  if (!isRecord(json)) return refused('it is not an object');
  if (json.version !== VERSION && json.version !== FIRST_VERSION)
    return refused(`its version is ${String(json.version)}, not ${VERSION}`);
  const { at, wallAt, sum, state } = json;
  if (!isTime(at) || !isTime(wallAt) || !isRecord(state) || sum !== checksum(JSON.stringify(state)))
    return refused('it is damaged');
  const elapsed = Math.max(0, wallNow - wallAt);
  if (json.version === FIRST_VERSION)
    return { state: ofFirstVersion(shiftTimes(state, now - elapsed - at), policy, now), warning: null };
  const moved = shiftTimes(state as unknown as BackendState, now - elapsed - at);
  const known = initialState(policy, now, moved.seed).dependencies;
  const dependencies = Object.fromEntries(
    Object.entries(known).map(([name, unknown]) => [name, moved.dependencies[name] ?? unknown]),
  );
  return { state: { ...moved, dependencies, ...unseen(moved) }, warning: null };
}

/** What was found before is found anew before anything is done about it. */
function unseen({ judgement, checks, children: known }: BackendState): Partial<BackendState> {
  const seen = checks.cameUpAt === null ? ({ name: 'starting' } as const) : ({ name: 'suspect', wellSince: null } as const);
  const doubted = judgement.name === 'unhealthy' ? seen : judgement;
  const children = known.map((child) => ({ ...child, stopAsked: null, lateUntil: null }));
  return { children, operation: null, lookedAt: null, failures: null, faultAt: null, judgement: doubted };
}

/** Of what version 0.1.0 knew the restart budget is taken on; all else is found out anew. */
function ofFirstVersion(state: Readonly<Record<string, unknown>>, policy: Policy, now: number): BackendState {
  const orNull = (value: unknown) => (isTime(value) ? value : null);
  const restarts = Array.isArray(state.restarts) ? (state.restarts as Budget['restarts']) : [];
  const lastDelayMs = isTime(state.lastDelayMs) ? state.lastDelayMs : 0;
  const budget: Budget = { restarts, lastAt: orNull(state.lastRestartAt), lastDelayMs, stableAt: orNull(state.stableAt) };
  return { ...initialState(policy, now, isTime(state.seed) ? state.seed : 0), budget };
}

const IS_TIME = /^(at|since|until)$|(At|Since)$/;

/** The same on a clock that reads `by` ms more: every number whose key names a time, however deep. */
export function shiftTimes<T>(value: T, by: number): T {
  if (Array.isArray(value)) return value.map((part: unknown) => shiftTimes(part, by)) as T;
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [
    key,
    typeof part === 'number' && IS_TIME.test(key) ? part + by : shiftTimes(part, by),
  ]);
  return Object.fromEntries(entries) as T;
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
