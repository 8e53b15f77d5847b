import type { Actor, Entry, Pm2Env } from './entry.ts';
import type { God } from './god.ts';
import { killProcess } from './kill.ts';

/** Node's way: an error, or what came of it. */
export type Callback = (error: string | null, result?: unknown) => void;

/** What a restart or a reload is given beside the id: `current_conf` goes over what PM2 keeps of the process (lib/Utility.js, extendMix). */
export interface Options {
  readonly env?: { readonly current_conf?: Partial<Pm2Env> };
}

/** A worker that is not online yet is looked at again after this (stopProcessId). */
const NOT_ONLINE_YET_MS = 250;

/** lib/God/ActionMethods.js, stopProcessId. */
export function stopProcessId(god: God, id: number | string, callback: Callback): void {
  const entry = god.db.get(id);
  if (!entry) {
    callback(`${id} : id unknown`);
    return;
  }
  const { env } = entry;
  entry.restartTask?.();
  if (env.status === 'stopped') {
    entry.pid = 0;
    callback(null);
    return;
  }
  if (entry.state === 'none') {
    god.loop.after(NOT_ONLINE_YET_MS, () => stopProcessId(god, id, callback));
    return;
  }
  env.status = 'stopping';
  if (entry.pid === 0) {
    env.status = 'stopped';
    callback(null);
    return;
  }
  killProcess(god, entry, (timedOut) => {
    env.status = 'stopped';
    god.notify('exit', env);
    if (timedOut) env.status = 'errored';
    else entry.pid = 0;
    callback(null);
  });
}

/** lib/God/ActionMethods.js, startProcessId. */
function startProcessId(god: God, id: number | string, by: Actor, callback: Callback): void {
  const entry = god.db.get(id);
  if (!entry) {
    callback(`${id} id unknown`);
    return;
  }
  if (entry.env.status === 'online') {
    callback('process already online');
    return;
  }
  if (entry.env.status === 'launching') {
    callback('process already started');
    return;
  }
  if (entry.pid !== 0) {
    callback(`Process with pid ${entry.pid} already exists`);
    return;
  }
  god.executeApp(entry.env, by, (error) => callback(error));
}

/** lib/God/ActionMethods.js, restartProcessId. */
export function restartProcessId(god: God, id: number | string, by: Actor, callback: Callback, opts: Options = {}): void {
  const entry = god.db.get(id);
  if (!entry) {
    callback('God db process id unknown');
    return;
  }
  const { env } = entry;
  god.resetState(env);
  Object.assign(env, opts.env?.current_conf);
  if (env.status !== 'online' && env.status !== 'launching') {
    startProcessId(god, id, by, callback);
    return;
  }
  stopProcessId(god, id, () => {
    env.restart_time += 1;
    startProcessId(god, id, by, callback);
  });
}

/** lib/God/ActionMethods.js, deleteProcessId. */
export function deleteProcessId(god: God, id: number | string, callback: Callback): void {
  stopProcessId(god, id, (error) => {
    if (error !== null) {
      callback(error);
      return;
    }
    god.forget(id);
    callback(null);
  });
}

/** lib/God/ActionMethods.js, duplicateProcessId: one instance more. */
export function duplicateProcessId(god: God, id: number, by: Actor, callback: Callback): void {
  const entry = god.db.get(id);
  if (!entry) {
    callback(`${id} id unknown`);
    return;
  }
  const { pm_id: _, ...env } = entry.env;
  god.executeApp({ ...env, created_at: null }, by, (error, started) => {
    if (started) god.notify('start', started.env, true);
    callback(error);
  });
}

/** What `getMonitorData` holds on to while it measures: which processes there are, and their pids, are of that moment. */
interface Listed {
  readonly pid: number;
  readonly env: Pm2Env;
}

/** Begins a list. Asked for its answer later, it tells the present status of each. */
export function beginList(god: God): () => { pid: number; pm2_env: Pm2Env }[] {
  const listed: Listed[] = [];
  for (const { pid, env } of god.db.values()) if (typeof env.pm_id === 'number') listed.push({ pid, env });
  return () => listed.map(({ pid, env }) => ({ pid, pm2_env: { ...env } }));
}

/** lib/Event.js, notifyByProcessId: what PM2's own command line says when it has done something. */
export function announce(god: God, id: number, action: string): void {
  const entry: Entry | undefined = god.db.get(id);
  if (entry) god.notify(action, entry.env, true);
}
