import type { Incarnation, PortHolder, WorkerId } from './event.ts';
import type { Cause } from './policy.ts';
import type { StateName } from './state-name.ts';

/** Why something is done or held; a stable code for journals, alerts and tests. */
export type ReasonCode =
  | 'crashed'
  | 'hung'
  | 'unreachable'
  | 'not-ready'
  | 'stale-after-dependency'
  | 'memory-limit'
  | 'cpu-limit'
  | 'worker-frozen'
  | 'worker-lost'
  | 'operator'
  | 'backoff'
  | 'limit-reached'
  | 'cool-down-over'
  | 'trial-failed'
  | 'dependency-down'
  | 'restart-does-not-cure'
  | 'overload'
  | 'shared-cause'
  | 'not-in-restart-on'
  | 'misconfigured'
  | 'check-warning'
  | 'port-taken'
  | 'port-free'
  | 'orphan'
  | 'paused'
  | 'recovered'
  | 'slow-start'
  | 'repeated-error'
  | 'before-failed'
  | 'job-again'
  | 'dependency-restarted'
  | 'gave-up-by-pm2'
  | 'action-failed'
  | 'lifeguard-failed';

export interface Reason {
  readonly code: ReasonCode;
  /** One plain sentence for people: what was seen and what follows. No secret in it. */
  readonly text: string;
}

/**
 * What PM2 is asked to do with one process. `restart`: gracefully. `reload`: the same of a cluster's worker, the new one first. `kill`: a
 * restart that does not wait for the old process, its whole tree is killed. `stop`: ended, and kept from being started. `halt`: the same,
 * killed. `start`: started again after a stop.
 */
export type OperationKind = 'restart' | 'reload' | 'kill' | 'stop' | 'halt' | 'start';

/** What the shell has to do. Each carries its reason. */
export type Action = OperationAction | EndOrphanAction | EndWorkerAction | JournalAction;

/**
 * One call of PM2's; `performed` with this id tells what became of it. There is never more than one a backend under way, but for the stop
 * of what is down already, which only keeps PM2 from starting it.
 */
export interface OperationAction {
  readonly type: 'operation';
  readonly id: number;
  readonly kind: OperationKind;
  readonly pmId: number;
  readonly incarnation: Incarnation;
  readonly cause: Cause;
  readonly reason: Reason;
  /** Should the new process end by itself, PM2 starts it again by itself after this, so that lifeguard comes first. null: as it was. */
  readonly pm2DelayMs: number | null;
}

/** End a process of ours that PM2 lost and that holds the port. */
export interface EndOrphanAction {
  readonly type: 'end-orphan';
  readonly holder: PortHolder;
  readonly reason: Reason;
}

/** Kill one worker of several, and tell if its parent makes no other. */
export interface EndWorkerAction {
  readonly type: 'end-worker';
  readonly worker: WorkerId;
  readonly reason: Reason;
}

/** A line of the journal. Every restart, hold, give-up and recovery has one. */
export interface JournalAction {
  readonly type: 'journal';
  readonly entry: JournalEntry;
}

export interface JournalEntry {
  /** What was decided. `fail`: an incident begins; `recover`, or `stop` where an operator stopped it, is its end. */
  readonly what: 'fail' | 'restart' | 'hold' | 'give-up' | 'recover' | 'stop' | 'blocked' | 'warn' | 'pause' | 'resume' | 'reset';
  /** Numbered within a backend; one incident lasts from the first failure to the recovery. */
  readonly incident: number;
  readonly from: StateName;
  readonly to: StateName;
  readonly cause: Cause | null;
  readonly reason: Reason;
  /** Restarts counted in the window, this one included. */
  readonly restarts: number;
  /** Milliseconds from the incident's first failure to now; of `recover`, to the moment from which it was well. */
  readonly sinceFailureMs: number;
}
