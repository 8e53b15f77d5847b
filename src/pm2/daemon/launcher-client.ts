import { socketsOf } from '../home.ts';
import type { Pm2Client } from '../types.ts';
import { connectPm2 } from './client.ts';
import { openSocket, RpcConnection } from './connection.ts';
import type { PreparedApp } from './upstream.ts';

/** Starting a process is a matter of milliseconds; PM2 starts the workers of a cluster one after the other. */
const PREPARE_TIMEOUT_MS = 60_000;
const CHANGE_TIMEOUT_MS = 5_000;

/** What the launcher may do beyond what lifeguard does: start apps, change their declaration, speak as the operator. */
export interface LauncherClient extends Pm2Client {
  /** Starts an app that PM2 does not know yet. */
  prepare(app: PreparedApp): Promise<void>;
  /**
   * Restarts (or, for a worker of a cluster, `reload`s) one process with a new environment and declaration. `waitMs` is how long it
   * may take beyond the call itself: the app's kill timeout, and its listen timeout for a reload.
   */
  change(method: 'restartProcessId' | 'reloadProcessId', pmId: number, change: Change, waitMs: number): Promise<void>;
  /** Tells the bus, as PM2's own command line does, that an operator did this. */
  announce(pmId: number, action: 'restart' | 'reload' | 'stop' | 'delete'): Promise<void>;
}

/** `declaration` goes over what PM2 keeps of the app, key by key; the string 'null' takes a key away (lib/Utility.js, extendMix). */
export interface Change {
  readonly environment: Readonly<Record<string, string>>;
  readonly declaration: Readonly<Record<string, unknown>>;
}

/** @throws Pm2Error `refused` when no daemon runs there */
export async function connectLauncher(pm2Home: string): Promise<LauncherClient> {
  const client = await connectPm2(pm2Home);
  const rpc = new RpcConnection(await openSocket(socketsOf(pm2Home).rpc), () => undefined);
  return {
    list: () => client.list(),
    restart: (pmId) => client.restart(pmId),
    reload: (pmId) => client.reload(pmId),
    stop: (pmId) => client.stop(pmId),
    delete: (pmId) => client.delete(pmId),
    reloadLogs: () => client.reloadLogs(),
    onEvent: (listener) => client.onEvent(listener),
    async prepare(app) {
      await rpc.call('prepare', app, PREPARE_TIMEOUT_MS);
    },
    async change(method, pmId, { environment, declaration }, waitMs) {
      const env = { ...environment, current_conf: { ...declaration, env: environment } };
      await rpc.call(method, { id: pmId, env }, waitMs + CHANGE_TIMEOUT_MS);
    },
    async announce(pmId, action) {
      await rpc
        .call('notifyByProcessId', { id: pmId, action_name: action, manually: true }, CHANGE_TIMEOUT_MS)
        .catch(() => undefined);
    },
    close() {
      client.close();
      rpc.close();
    },
  };
}
