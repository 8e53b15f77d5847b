import type { BusEvent, Pm2Process } from '../types.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One entry of the daemon's list (`getMonitorData`), or null if it is none. */
export function processFromList(entry: unknown): Pm2Process | null {
  if (!isRecord(entry) || !isRecord(entry.pm2_env)) return null;
  return processOf(entry.pm2_env, number(entry.pid));
}

/** The payload of the bus's `process:event`, or null if it is none. PM2 tells no pid there: it is 0. */
export function eventFromBus(payload: unknown): BusEvent | null {
  if (!isRecord(payload) || typeof payload.event !== 'string' || !isRecord(payload.process)) return null;
  const exitCode = payload.process.exit_code;
  return {
    type: 'process',
    event: payload.event,
    manually: payload.manually === true,
    process: processOf(payload.process, 0),
    exitCode: typeof exitCode === 'number' ? exitCode : null,
  };
}

function processOf(env: Fields, pid: number): Pm2Process {
  return {
    pmId: number(env.pm_id),
    name: string(env.name),
    pid,
    status: string(env.status),
    startedAt: number(env.pm_uptime),
    restarts: number(env.restart_time),
    execMode: env.exec_mode === 'cluster_mode' ? 'cluster' : 'fork',
    outFile: string(env.pm_out_log_path),
    errorFile: string(env.pm_err_log_path),
    env,
  };
}

/** During a reload the worker on its way out is numbered `_old_3`: it reads as NaN and belongs to no app any more. */
function number(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : 0;
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
