import type { PortHolder } from './event.ts';
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
  | 'port-taken'
  | 'port-free'
  | 'orphan'
  | 'paused'
  | 'recovered'
  | 'slow-start'
  | 'repeated-error'
  | 'gave-up-by-pm2'
  | 'action-failed';

export interface Reason {
  readonly code: ReasonCode;
  /** One plain sentence for people: what was seen and what follows. No secret in it. */
  readonly text: string;
}

/** What the shell has to do. Each carries its reason. */
export type Action =
  /** Drive PM2. `restart`: gracefully, one instance at a time if there are several. `kill`: SIGKILL to the whole tree, PM2 starts it anew. */
  | { readonly type: 'restart' | 'kill'; readonly cause: Cause; readonly reason: Reason; readonly attempt: number }
  /**
   * Keep it from being started by PM2: to space the starts, at the limit, or because its port is taken.
   * `ended`: only the instances that are not online, the others serve on.
   */
  | { readonly type: 'stop'; readonly only: 'all' | 'ended'; readonly reason: Reason }
  /** Start what lifeguard itself has stopped. */
  | { readonly type: 'start'; readonly cause: Cause; readonly reason: Reason; readonly attempt: number }
  /** End a process of ours that PM2 lost and that holds the port. */
  | { readonly type: 'end-orphan'; readonly holder: PortHolder; readonly reason: Reason }
  /** A line of the journal. Every restart, hold, give-up and recovery has one. */
  | { readonly type: 'journal'; readonly entry: JournalEntry };

export interface JournalEntry {
  /** What was decided. `fail`: an incident begins. */
  readonly what: 'fail' | 'restart' | 'hold' | 'give-up' | 'recover' | 'blocked' | 'warn' | 'pause' | 'resume' | 'reset';
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
