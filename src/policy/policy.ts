/** Why a backend is restarted. The first four are what `restart.on` may name; `memory` and `cpu` follow from `max_memory` and `max_cpu`, `operator` is never counted. */
export type Cause = 'crash' | 'hang' | 'unreachable' | '503' | 'memory' | 'cpu' | 'operator';

/** What {@link decide} needs to know of one backend's configuration. Durations in milliseconds, sizes in bytes. */
export interface Policy {
  /** PM2 runs more than one process of it: restarts go one at a time. */
  readonly instances: number;
  /** Something can be asked for its health; false: `liveness: null`, only its end is seen. */
  readonly isChecked: boolean;
  /** It ends by itself when it is done, and PM2 then leaves it so. */
  readonly isJob: boolean;
  /** Between two checks of a backend that is well. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly startupTimeoutMs: number;
  /** A 503 with Retry-After is believed for at most this long; 0: not at all. */
  readonly retryAfterMaxMs: number;
  readonly restartOn: readonly ('crash' | 'hang' | 'unreachable' | '503')[];
  readonly maxRestarts: number;
  readonly withinMs: number;
  /** After the limit: stopped for this long, then one trial. null: until an operator resets it. */
  readonly coolDownMs: number | null;
  readonly backoff: {
    readonly initialMs: number;
    readonly factor: number;
    readonly maxMs: number;
    /** A delay is lengthened by up to this fraction of itself, at random: 0.2 makes 10 s last 10 to 12 s. `maxMs` caps the result. */
    readonly jitter: number;
  };
  /** What a graceful end may take. */
  readonly killTimeoutMs: number;
  /** Of the whole process tree; null: no limit. */
  readonly maxMemoryBytes: number | null;
  /** Of the whole process tree, percent of one core, and for how long it may be more; null: no limit. */
  readonly maxCpu: { readonly percent: number; readonly forMs: number } | null;
  readonly dependencies: readonly DependencyPolicy[];
}

export interface DependencyPolicy {
  readonly name: string;
  /** Dotted path of the health body's field that names this dependency, such as `services.database`. */
  readonly field: string | null;
}
