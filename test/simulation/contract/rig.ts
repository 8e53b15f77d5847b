import type { Pm2Wire } from '../../../src/pm2/daemon/wire.ts';

/** What an app of a script does. */
export interface Behaviour {
  /** It ends by itself so long after its start, with exit code 3. */
  readonly endsAfterMs?: number;
  /** From SIGINT to its end; null: it ignores the signal. */
  readonly drainMs?: number | null;
  /** It listens: what a reload waits for. */
  readonly listens?: boolean;
}

export interface ScriptApp {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** What PM2 is told beside; its own keys. */
  readonly declared?: {
    readonly exec_mode?: 'fork' | 'cluster';
    readonly instances?: number;
    readonly kill_timeout?: number;
    readonly listen_timeout?: number;
    readonly autorestart?: boolean;
    readonly max_restarts?: number;
    readonly min_uptime?: number;
    readonly exp_backoff_restart_delay?: number;
  };
}

/** A daemon, real or not, and time. */
export interface Rig {
  readonly wire: Pm2Wire;
  start(app: ScriptApp): Promise<void>;
  /** This process of the app has begun, and would notice a signal. */
  isReady(app: string, pid: number): boolean;
  /** kill -9 */
  kill(pid: number): void;
  now(): number;
  sleep(ms: number): Promise<void>;
}
