/** A backend as it is drawn from the seed: what its configuration says, and what it is like. */
export interface BackendPlan {
  readonly name: string;
  readonly port: number;
  readonly rules: Rules;
  /** `tree`: a parent that PM2 knows, and a child that listens, as uvicorn with --reload. */
  readonly shape: 'single' | 'tree' | 'cluster';
  readonly bootMs: number;
  readonly latencyMs: number;
  /** From a signal that can be handled to its end. */
  readonly drainMs: number;
  /** It ends with PM2's daemon, as a Node app does whose channel closes. A cluster's worker always does. */
  readonly endsWithDaemon: boolean;
  /** Of a tree: the child ends by itself when its parent is gone. */
  readonly childFollows: boolean;
  /** It lives on though its port is taken. */
  readonly survivesTakenPort: boolean;
  /** The index of the dependency that it cannot do without; null: none. */
  readonly dependency: number | null;
  /** It does not notice by itself that its dependency is back. */
  readonly goesStale: boolean;
}

/** What its configuration says; durations in ms. */
export interface Rules {
  readonly instances: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly startupTimeoutMs: number;
  readonly retryAfterMaxMs: number;
  readonly hasReadiness: boolean;
  readonly restartOn: readonly ('crash' | 'hang' | 'unreachable' | '503')[];
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly coolDownMs: number | null;
  readonly backoff: { readonly initialMs: number; readonly factor: number; readonly maxMs: number; readonly jitter: number };
  readonly killTimeoutMs: number;
  readonly maxMemoryBytes: number | null;
}
