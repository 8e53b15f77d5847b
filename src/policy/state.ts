import type { Reason, ReasonCode } from './action.ts';
import type { FleetWord, Incarnation } from './event.ts';
import type { Cause, Policy } from './policy.ts';
import type { StateName } from './state-name.ts';

/**
 * One backend's whole state: plain JSON, never changed in place. All times are monotonic milliseconds
 * (they may be negative: before lifeguard's own start).
 */
export interface BackendState {
  readonly name: StateName;
  /** When it came into this state. */
  readonly since: number;
  /** The process that is judged; null: none seen yet. */
  readonly incarnation: Incarnation | null;
  readonly startedAt: number;
  /** This incarnation's first success; null: it never came up. */
  readonly cameUpAt: number | null;
  /**
   * What lifeguard knows of the process: `up`; `gone`, PM2 is expected to start it; `stopping`, our own `stop` is under way;
   * `parked`, we stopped it and nobody but us will start it.
   */
  readonly process: 'up' | 'gone' | 'stopping' | 'parked';
  /** When our `stop` was last asked for; of `stopping` only. */
  readonly stopAskedAt: number;
  readonly streak: Streak;
  /** Start of the newest check that came back; -1e15 if there is none. */
  readonly lastCheckAt: number;
  /** Moving average of the time that a successful check takes, ms. */
  readonly typicalMs: number | null;
  /** Restarts that count, oldest first. */
  readonly restarts: readonly CountedRestart[];
  /** Of any cause, an operator's too. */
  readonly lastRestartAt: number | null;
  /** The backoff before the last restart, ms. */
  readonly lastDelayMs: number;
  /** Without a verdict since then; null: not healthy. */
  readonly healthySince: number | null;
  /** The last time that it stood firm: earlier restarts no longer lengthen the backoff. */
  readonly stableAt: number | null;
  /** A restart that is decided and waits for its time. */
  readonly due: Due | null;
  /** The restart that is under way; of `restarting`. */
  readonly attempt: Attempt | null;
  /** An instance that crashed while others serve on: started again then. */
  readonly spareDueAt: number | null;
  /** Why nothing is done though checks fail. */
  readonly hold: Reason | null;
  /** On trial since then, after the limit: one failure and it is exhausted again. */
  readonly trialSince: number | null;
  /** The restart for a 503 whose effect is not known yet, or that had none. */
  readonly cure: Cure | null;
  /** The first of a row of 503s that ask for patience; null: no such row. */
  readonly overloadSince: number | null;
  readonly dependencies: Readonly<Record<string, DependencyState>>;
  /** When the last of the dependencies that were down came back. */
  readonly dependenciesBackAt: number | null;
  /** The last line of the error log at the last exits in a row. */
  readonly lastError: { readonly line: string; readonly times: number } | null;
  readonly incident: Incident | null;
  /** Incidents so far. */
  readonly incidents: number;
  /** The fleet holds its restarts back. */
  readonly fleet: { readonly word: Exclude<FleetWord, 'go'>; readonly reason: string } | null;
  readonly pause: Pause | null;
  /** 'misconfigured' was said of this incarnation. */
  readonly warned: boolean;
  /** When an orphan on its port was last asked to be ended; of `blocked`. */
  readonly orphanAskedAt: number | null;
  /** Of the next jitter. */
  readonly seed: number;
}

export type FailureKind = 'timeout' | 'unreachable' | 'not-ready';

/** Results in a row. `failures` and `successes` are never both above 0. */
export interface Streak {
  readonly failures: number;
  readonly successes: number;
  /** The last failures that were timeouts, with no answer in between. */
  readonly timeouts: number;
  /** The last failure that was no timeout. */
  readonly kind: Exclude<FailureKind, 'timeout'> | null;
  /** Start of the first and of the last failed check of the row, and when the first one came back. */
  readonly firstStartedAt: number;
  readonly lastStartedAt: number;
  readonly firstFailedAt: number;
  /** When the last answer of any kind came, and the last success. */
  readonly answeredAt: number;
  readonly succeededAt: number;
  /** What the last failure looked like, for people. */
  readonly text: string;
}

export interface CountedRestart {
  readonly at: number;
  readonly cause: Cause;
}

export interface Due {
  readonly at: number;
  readonly how: 'restart' | 'kill' | 'start';
  readonly cause: Cause;
  readonly reason: Reason;
  readonly delayMs: number;
}

export interface Attempt {
  readonly how: Due['how'];
  readonly cause: Cause;
  /** When PM2 said that it had done it; null: not yet. */
  readonly performedAt: number | null;
}

export interface Cure {
  readonly restartedAt: number;
  /** Restarts for a 503 in a row whose success did not last. */
  readonly brief: number;
}

export interface DependencyState {
  readonly up: boolean;
  /** When its last result came. */
  readonly at: number;
  /** Results in a row that said down. */
  readonly failures: number;
  readonly detail: string;
}

export interface Incident {
  readonly number: number;
  readonly failedAt: number;
  readonly cause: Cause | null;
  /** The hold that the journal has already. */
  readonly held: ReasonCode | null;
}

export interface Pause {
  readonly until: number;
  /** What it goes back to at the end, kept up to date by what happens meanwhile. */
  readonly resumeTo: Exclude<StateName, 'paused'>;
  /** Since when it would have been in that state. */
  readonly resumeSince: number;
}

/** Long before anything that a monotonic clock has seen; finite, as JSON knows no infinity. */
export const NEVER = -1e15;

export const NO_STREAK: Streak = {
  failures: 0,
  successes: 0,
  timeouts: 0,
  kind: null,
  firstStartedAt: NEVER,
  lastStartedAt: NEVER,
  firstFailedAt: NEVER,
  answeredAt: NEVER,
  succeededAt: NEVER,
  text: '',
};

/**
 * The state of a backend of which nothing is known yet: the shell tells next what it finds (`online`, `stopped`).
 * @param now monotonic ms
 * @param seed any integer; decides the jitter, nothing else
 */
export function initialState(policy: Policy, now: number, seed: number): BackendState {
  return {
    name: 'starting',
    since: now,
    incarnation: null,
    startedAt: now,
    cameUpAt: null,
    process: 'up',
    stopAskedAt: NEVER,
    streak: NO_STREAK,
    lastCheckAt: NEVER,
    typicalMs: null,
    restarts: [],
    lastRestartAt: null,
    lastDelayMs: 0,
    healthySince: null,
    stableAt: null,
    due: null,
    attempt: null,
    spareDueAt: null,
    hold: null,
    trialSince: null,
    cure: null,
    overloadSince: null,
    dependencies: Object.fromEntries(
      policy.dependencies.map(({ name }) => [name, { up: true, at: NEVER, failures: 0, detail: '' }]),
    ),
    dependenciesBackAt: null,
    lastError: null,
    incident: null,
    incidents: 0,
    fleet: null,
    pause: null,
    warned: false,
    orphanAskedAt: null,
    seed: seed >>> 0,
  };
}
