import type { Actor, Entry } from './entry.ts';
import type { God } from './god.ts';
import { type Callback, deleteProcessId, type Options, restartProcessId } from './methods.ts';

/** lib/God/Reload.js, reloadProcessId. */
export function reloadProcessId(god: God, id: number, by: Actor, callback: Callback, opts: Options = {}): void {
  const entry = god.db.get(id);
  if (!entry) {
    callback('PM2 ID unknown');
    return;
  }
  if (god.db.has(`_old_${id}`)) {
    callback(`Reload already in progress for process id ${id}, retry later`);
    return;
  }
  if (entry.env.status === 'online' && entry.env.exec_mode === 'cluster_mode') {
    Object.assign(entry.env, opts.env?.current_conf);
    reloadWorker(god, entry, by, callback);
  } else restartProcessId(god, id, by, callback, opts);
}

/**
 * lib/God/Reload.js, hardReload: the new worker is started under the old one's id, and the old one goes when the new one listens, or
 * when `listen_timeout` is over though it does not.
 */
function reloadWorker(god: God, old: Entry, by: Actor, callback: Callback): void {
  const id = old.env.pm_id;
  const aside = `_old_${id}`;
  god.db.set(aside, old);
  god.db.delete(id);
  const env = { ...old.env, restart_time: old.env.restart_time + 1 };
  god.resetState(env);
  old.env.pm_id = aside;
  let isFinished = false;
  let worker: Entry | null = null;
  const finish = (): void => {
    if (isFinished) return;
    isFinished = true;
    if (worker) worker.onListening = null;
    cancelLimit();
    deleteProcessId(god, aside, callback);
  };
  const cancelLimit = god.loop.after(env.listen_timeout, finish);
  god.executeApp(env, by, (_error, started) => {
    worker = started;
    if (worker && !isFinished) worker.onListening = finish;
  });
}
