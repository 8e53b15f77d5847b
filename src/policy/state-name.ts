/** What is thought of a backend. The table of what each means is in the documentation; every one has its row in transitions.ts. */
export type StateName =
  /** Since a start, until the first success or `startup_timeout`. */
  | 'starting'
  | 'healthy'
  /** Some failures, fewer than the threshold; checks come faster and may overlap. */
  | 'suspect'
  /** A 503 that a restart can't help: it is held, nothing is killed. */
  | 'degraded'
  /** Over the threshold: a restart is due, or waits for its backoff. */
  | 'unhealthy'
  /** PM2 was asked; no verdict until the new process is up. */
  | 'restarting'
  /** A stranger holds its port: no start is tried, nothing is counted. */
  | 'blocked'
  /** The limit was reached: stopped, until the cool-down is over or an operator resets it. */
  | 'exhausted'
  /** An operator stopped it: not checked, never started by lifeguard. */
  | 'stopped'
  /** An operator's maintenance window: checked, not acted upon. */
  | 'paused';
