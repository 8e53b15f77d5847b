import type { OperationKind, Reason, ReasonCode } from './action.ts';
import type { ExitInfo, FleetWord, Incarnation, SeenChild } from './event.ts';
import type { Cause, Policy } from './policy.ts';
import type { StateName } from './state-name.ts';

/**
 * One backend's whole state: plain JSON, never changed in place. All times are monotonic milliseconds (they may be negative: before
 * lifeguard's own start), and their keys are `at`, `since`, `until`, or end in `At` or `Since`, by which a snapshot finds them.
 */
export interface BackendState {
  /** Follows from the rest (nameOf); kept here to know since when. */
  readonly name: StateName;
  readonly since: number;
  /** By PM2's id; empty: PM2 knows none. */
  readonly children: readonly Child[];
  /** What PM2 is doing for us just now. */
  readonly operation: Operation | null;
  /** Of the last operation. */
  readonly operations: number;
  /** PM2 just failed at an operation: the next one is not begun before. */
  readonly retryAt: number | null;
  /** A restart that was asked for and waits for the operation in flight; true: by an operator. */
  readonly restartAsked: boolean | Reason;
  readonly judgement: Judgement;
  readonly checks: Checks;
  /** The row of failed checks; null: the last one was no failure. */
  readonly failures: Failures | null;
  /** When what is known of PM2's processes and of the port was asked for. */
  readonly lookedAt: number | null;
  readonly budget: Budget;
  /** It ended by itself so often since its last success, and the first time then. `takenBack`: one of them is not counted any more. */
  readonly deaths: { readonly count: number; readonly since: number; readonly takenBack: boolean } | null;
  /** The restart for a 503 whose effect is not known yet, or that had none. */
  readonly cure: Cure | null;
  /** Answers that ask for patience: the first of their row, and until when they are believed. */
  readonly overload: { readonly since: number; readonly until: number } | null;
  readonly dependencies: Readonly<Record<string, DependencyState>>;
  /** When the last of the dependencies that were down came back. */
  readonly dependenciesBackAt: number | null;
  /** A stranger holds its port. */
  readonly blocked: Reason | null;
  /** An orphan of ours holds its port, and was asked to end then. */
  readonly orphanAskedAt: number | null;
  /** The last line of the error log at the last exits in a row. */
  readonly lastError: { readonly line: string; readonly times: number } | null;
  readonly incident: Incident | null;
  /** Incidents so far. */
  readonly incidents: number;
  /** The fleet holds its restarts back. */
  readonly fleet: { readonly word: Exclude<FleetWord, 'go'>; readonly reason: string } | null;
  readonly pause: { readonly until: number } | null;
  /** A decision about it threw then: its next one begins afresh. */
  readonly faultAt: number | null;
  /** Of the next jitter. */
  readonly seed: number;
}

/** One process that PM2 runs for the backend, or is to run again. */
export interface Child extends SeenChild {
  /** Since when it is in its phase. */
  readonly phaseAt: number;
  readonly plan: Plan;
  /** It ended by itself, and no line has told so yet: why it did is still being looked up. */
  readonly untold: Untold | null;
  /** On trial since then, after the limit: one failure and it is given up again. */
  readonly trialSince: number | null;
  /** It is down, and PM2 was asked to leave it so; not asked again before `until`. null: it was not asked, or has done it. */
  readonly stopAsked: { readonly id: number; readonly until: number } | null;
  /** PM2 did not answer in time when it was to start it: that start may still come until then, and is nobody else's. */
  readonly lateUntil: number | null;
}

export interface Untold {
  readonly at: number;
  readonly incarnation: Incarnation;
  readonly code: number | null;
  /** null: not known yet. */
  readonly exit: ExitInfo | null;
  /** It was left to PM2 to start it again, and that was counted. */
  readonly counted: boolean;
}

/** What lifeguard means to do with one child. */
export type Plan =
  /** It is to run; when it ends PM2 starts it. */
  | { readonly is: 'run' }
  /** It ended by itself, and what follows is not decided yet. */
  | { readonly is: 'fallen'; readonly at: number }
  /** Kept stopped, and started by nobody but lifeguard. `due` null: not until something else changes. */
  | { readonly is: 'parked'; readonly due: Due | null; readonly reason: Reason; readonly kill?: true }
  /** The limit was reached then. */
  | { readonly is: 'given-up'; readonly at: number; readonly cause: Cause; readonly reason: Reason }
  /** An operator stopped it then; or, `completed`, it is a job and has ended well. */
  | { readonly is: 'left'; readonly at: number; readonly completed?: true };

/** What the checks of the children that run now amount to. */
export type Judgement =
  | { readonly name: 'starting' }
  | { readonly name: 'healthy' | 'unchecked'; readonly wellSince: number }
  | { readonly name: 'suspect'; readonly wellSince: number | null }
  | { readonly name: 'misconfigured'; readonly hold: Reason }
  | { readonly name: 'degraded'; readonly hold: Reason }
  | { readonly name: 'unhealthy'; readonly due: Due | null; readonly hold: Reason | null };

/** A restart or a start that is decided and waits for its time. */
export interface Due {
  readonly at: number;
  readonly cause: Cause;
  readonly reason: Reason;
  /** The backoff that it waits for. */
  readonly delayMs: number;
  /** Against the limit. */
  readonly counted: boolean;
  /** It hangs: ended with SIGKILL, */
  readonly kill?: true;
  /** at once, and started again then. */
  readonly startAt?: number;
  /** Found by looking at its processes: what its checks say is nothing to it. */
  readonly lasting?: true;
  /** A dependency is down: started as soon as it is back. */
  readonly heldFor?: 'dependency';
}

/** One call of PM2's about what runs or is to run, for one child after the other. */
export interface Operation {
  readonly id: number;
  readonly kind: OperationKind;
  readonly cause: Cause;
  readonly reason: Reason;
  readonly target: Target;
  /** Those that follow, one at a time, so that the others serve on. */
  readonly rest: readonly Target[];
  readonly since: number;
  /** PM2 was asked for it, so what comes of it is ours. */
  readonly asked: boolean;
  /** When PM2 said that it had done it; null: not yet. */
  readonly performedAt: number | null;
}

export interface Target {
  readonly pmId: number;
  readonly incarnation: Incarnation;
}

/** The checks of the children that run now, and of no others. */
export interface Checks {
  /** From when on an answer is of these children, as all that were before them are gone; null: there were none yet. */
  readonly since: number | null;
  /** When the newest of them came. */
  readonly joinedAt: number | null;
  /** Their first success. */
  readonly cameUpAt: number | null;
  /** Start of the newest success: one of those that were there then is up, as long as none of them has gone since. */
  readonly provenAt: number | null;
  /** When one that could have answered was last found to be gone. */
  readonly goneAt: number | null;
  /** Start of the newest check that came back, of any children. */
  readonly lastStartedAt: number | null;
  /** When the last answer of any kind came, and the last success. */
  readonly answeredAt: number | null;
  readonly succeededAt: number | null;
  readonly successes: number;
  /** Answers in a row that cannot tell, and what is odd about them; null: the last one was none. */
  readonly odd: { readonly count: number; readonly text: string } | null;
  /** 'misconfigured' or another warning was told of these children. */
  readonly warned: boolean;
  /** Moving average of the time that a successful check takes, ms. */
  readonly typicalMs: number | null;
}

export type FailureKind = 'timeout' | 'unreachable' | 'error' | 'not-ready' | 'silent';

/** Failed checks in a row. */
export interface Failures {
  readonly count: number;
  /** The last of them that were timeouts, with no answer in between. */
  readonly timeouts: number;
  /** The last failure that was no timeout. */
  readonly kind: Exclude<FailureKind, 'timeout'> | null;
  /** Start of the first and of the last of them, and when the first one came back. */
  readonly firstStartedAt: number;
  readonly lastStartedAt: number;
  readonly firstFailedAt: number;
  /** What the last one looked like, as the end of a sentence that begins with "the backend". */
  readonly text: string;
}

/** One for all the children: how many restarts were made, and how far apart the next ones are. */
export interface Budget {
  /** Those that count, oldest first. */
  readonly restarts: readonly CountedRestart[];
  /** The last one of any cause, an operator's too. */
  readonly lastAt: number | null;
  /** The backoff before it, ms. */
  readonly lastDelayMs: number;
  /** The last time that it stood firm: earlier restarts no longer lengthen the backoff. */
  readonly stableAt: number | null;
}

export interface CountedRestart {
  readonly at: number;
  readonly cause: Cause;
}

export interface Cure {
  readonly restartedAt: number;
  /** Restarts for a 503 in a row whose success did not last. */
  readonly brief: number;
}

export interface DependencyState {
  readonly up: boolean;
  /** When its last result came; null: never. */
  readonly at: number | null;
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

export const NO_CHECKS: Checks = {
  since: null,
  joinedAt: null,
  cameUpAt: null,
  provenAt: null,
  goneAt: null,
  lastStartedAt: null,
  answeredAt: null,
  succeededAt: null,
  successes: 0,
  odd: null,
  warned: false,
  typicalMs: null,
};

export const FRESH_BUDGET: Budget = { restarts: [], lastAt: null, lastDelayMs: 0, stableAt: null };

/**
 * The state of a backend of which nothing is known yet: the shell tells next which processes it finds.
 * @param now monotonic ms
 * @param seed any integer; decides the jitter, nothing else
 */
export function initialState(policy: Policy, now: number, seed: number): BackendState {
  return {
    name: 'starting',
    since: now,
    children: [],
    operation: null,
    operations: 0,
    retryAt: null,
    restartAsked: false,
    judgement: { name: 'starting' },
    checks: NO_CHECKS,
    failures: null,
    lookedAt: null,
    budget: FRESH_BUDGET,
    deaths: null,
    cure: null,
    overload: null,
    dependencies: Object.fromEntries(
      policy.dependencies.map(({ name }) => [name, { up: true, at: null, failures: 0, detail: '' }]),
    ),
    dependenciesBackAt: null,
    blocked: null,
    orphanAskedAt: null,
    lastError: null,
    incident: null,
    incidents: 0,
    fleet: null,
    pause: null,
    faultAt: null,
    seed: seed >>> 0,
  };
}
