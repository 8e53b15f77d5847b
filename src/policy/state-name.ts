/** What is thought of a backend, in one word; see nameOf in name.ts for what each follows from. The documentation has the table. */
export const STATE_NAMES = [
  /** Since a start, until the first success or `startup_timeout`. */
  'starting',
  'healthy',
  /** Some failures, fewer than the threshold; checks come faster and may overlap. */
  'suspect',
  /** A failure that a restart can't help: it is held, nothing is killed. */
  'degraded',
  /** Over the threshold: a restart is due, or waits for its backoff. */
  'unhealthy',
  /** PM2 was asked, or brings it up by itself; no verdict until the new process is up. */
  'restarting',
  /** A stranger holds its port: no start is tried, nothing is counted. */
  'blocked',
  /** The limit was reached: stopped, until the cool-down is over or an operator resets it. */
  'exhausted',
  /** An operator stopped it: not checked, never started by lifeguard. */
  'stopped',
  /** A job that has ended well. */
  'completed',
  /** An operator's maintenance window: checked, not acted upon. */
  'paused',
  /** It runs, and nothing is configured that could be asked: never called healthy. */
  'unchecked',
  /** What is asked for its health cannot tell: a problem, never a reason to restart. */
  'misconfigured',
] as const;

export type StateName = (typeof STATE_NAMES)[number];
