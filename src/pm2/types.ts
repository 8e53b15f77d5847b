/** What an app's declaration is to PM2: the keys that this package sets, spelt as PM2 spells them. */
export interface AppDeclaration {
  name: string;
  script: string;
  args?: string[];
  cwd: string;
  interpreter?: string;
  node_args?: string[];
  exec_mode?: 'fork' | 'cluster';
  instances?: number;
  env: Record<string, string>;
  /** `env_NAME`: merged over env by `--env NAME`. */
  [key: `env_${string}`]: Record<string, string>;
  autorestart: boolean;
  max_restarts?: number;
  min_uptime?: number;
  restart_delay?: number;
  exp_backoff_restart_delay?: number;
  kill_timeout?: number;
  listen_timeout?: number;
  treekill?: boolean;
  out_file: string;
  error_file: string;
  merge_logs?: boolean;
  pmx: boolean;
}

/** One process as the daemon lists it. */
export interface Pm2Process {
  readonly pmId: number;
  readonly name: string;
  /** 0 on the bus, where PM2 does not tell it. */
  readonly pid: number;
  /** PM2's own word: online, launching, stopping, stopped, 'waiting restart', errored. */
  readonly status: string;
  /** Wall clock, ms: when this incarnation was started. */
  readonly startedAt: number;
  readonly restarts: number;
  readonly execMode: 'fork' | 'cluster';
  readonly outFile: string;
  readonly errorFile: string;
  /** The environment and declaration as PM2 keeps them (`pm2_env`). */
  readonly env: Readonly<Record<string, unknown>>;
}

/** One message of the daemon's bus, reduced to what is used. */
export type BusEvent =
  | {
      readonly type: 'process';
      /** PM2's own word: online, exit, stop, restart, delete, 'restart overlimit', start. */
      readonly event: string;
      /** The app's owner or an API client asked for it. */
      readonly manually: boolean;
      readonly process: Pm2Process;
      readonly exitCode: number | null;
    }
  /** The daemon is gone (its socket closed). Nothing comes after it. */
  | { readonly type: 'lost' };

export interface StopLimits {
  /** What the process may take to end; the call's own time limit is longer. */
  readonly killTimeoutMs: number;
}

export interface RestartLimits extends StopLimits {
  /** How long PM2 then waits before it starts again by itself what ends by itself; null: as it was. */
  readonly nextDelayMs?: number | null;
}

export interface ReloadLimits extends RestartLimits {
  /** What the new process may take until it listens. */
  readonly listenTimeoutMs: number;
}

/**
 * The daemon's API. It never spawns a daemon. Every call rejects with a Pm2Error (`code`: 'timeout' | 'lost' | 'refused' | 'failed')
 * within its time limit, whatever the daemon does.
 */
export interface Pm2Client {
  list(): Promise<Pm2Process[]>;
  /**
   * Gracefully restarts one process, or starts it if it stands still, and keeps its environment as it is.
   * @param limits given: PM2's list is not asked for them, and a process between its crash and PM2's own restart is refused
   */
  restart(pmId: number, limits?: RestartLimits): Promise<void>;
  /** Replaces one cluster process: the new one is up before the old one goes. `limits` as of a restart. */
  reload(pmId: number, limits?: ReloadLimits): Promise<void>;
  stop(pmId: number, limits?: StopLimits): Promise<void>;
  delete(pmId: number): Promise<void>;
  /** Reopens every app's log files. */
  reloadLogs(): Promise<void>;
  /** Calls back for every process event until the client is closed. */
  onEvent(listener: (event: BusEvent) => void): Promise<void>;
  close(): void;
}
