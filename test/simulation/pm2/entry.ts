import { RECORD_KEY } from '../../../src/pm2/ownership/record.ts';
import type { AppDeclaration } from '../../../src/pm2/types.ts';
import type { SimProcess } from '../machine/machine.ts';

/** PM2's words for a process's state (constants.js). */
export type Status = 'online' | 'launching' | 'stopping' | 'stopped' | 'waiting restart' | 'errored';

/** Who had PM2 start a process. */
export type Actor = 'lifeguard' | 'operator' | 'pm2' | 'boot';

/** What PM2 keeps of a process (`pm2_env`), as far as it matters here and by PM2's own names. */
export interface Pm2Env {
  name: string;
  /** `_old_3` while a worker is on its way out in a reload. */
  pm_id: number | string;
  status: Status;
  exec_mode: 'fork_mode' | 'cluster_mode';
  /** Wall clock, ms. */
  pm_uptime: number;
  created_at: number | null;
  restart_time: number;
  unstable_restarts: number;
  prev_restart_delay: number;
  exit_code: number;
  autorestart: boolean;
  max_restarts: number;
  min_uptime: number;
  restart_delay: number | undefined;
  exp_backoff_restart_delay: number | undefined;
  kill_timeout: number;
  listen_timeout: number;
  treekill: boolean;
  pm_out_log_path: string;
  pm_err_log_path: string;
  /** Who declared it; undefined: somebody started it by hand. */
  [RECORD_KEY]: Readonly<Record<string, string>> | undefined;
}

/** An entry of PM2's `clusters_db`: a process, or what is left of it. */
export interface Entry {
  readonly env: Pm2Env;
  /** As PM2 knows it: it stays after a crash. */
  pid: number;
  process: SimProcess | null;
  /** Of a cluster's worker. */
  state: 'none' | 'online' | 'dead' | null;
  /** Cancels PM2's own restart. */
  restartTask: (() => void) | null;
  readonly startedBy: Actor;
  /** Is called when a worker listens, if somebody waits for that. */
  onListening: (() => void) | null;
}

/** PM2's defaults for what an app does not declare. */
const DEFAULTS = { kill_timeout: 1_600, listen_timeout: 3_000, max_restarts: 16, min_uptime: 1_000 };

/** What PM2's `prepare` makes of a declaration; it has no id yet. */
export function envOf(app: AppDeclaration): Omit<Pm2Env, 'pm_id'> {
  return {
    name: app.name,
    status: 'launching',
    exec_mode: app.exec_mode === 'cluster' ? 'cluster_mode' : 'fork_mode',
    pm_uptime: 0,
    created_at: null,
    restart_time: 0,
    unstable_restarts: 0,
    prev_restart_delay: 0,
    exit_code: 0,
    autorestart: app.autorestart,
    max_restarts: app.max_restarts ?? DEFAULTS.max_restarts,
    min_uptime: app.min_uptime ?? DEFAULTS.min_uptime,
    restart_delay: app.restart_delay,
    exp_backoff_restart_delay: app.exp_backoff_restart_delay,
    kill_timeout: app.kill_timeout ?? DEFAULTS.kill_timeout,
    listen_timeout: app.listen_timeout ?? DEFAULTS.listen_timeout,
    treekill: app.treekill ?? true,
    pm_out_log_path: app.out_file,
    pm_err_log_path: app.error_file,
    [RECORD_KEY]: app[RECORD_KEY],
  };
}
