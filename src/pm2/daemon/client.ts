import { socketsOf } from '../home.ts';
import { killTimeoutOf } from '../kill-timeout.ts';
import type { BusEvent, Pm2Client, Pm2Process, ReloadLimits, RestartLimits, StopLimits } from '../types.ts';
import { openSocket } from './connection.ts';
import { eventFromBus, processFromList } from './process.ts';
import { type Pm2Wire, socketWire } from './wire.ts';

/** A call that only asks or notes something. */
const CALL_TIMEOUT_MS = 5_000;
/** PM2's own defaults, where an app declares none (constants.js: KILL_TIMEOUT, GRACEFUL_LISTEN_TIMEOUT). */
const DEFAULT_LISTEN_TIMEOUT_MS = 3_000;

/**
 * A client of the daemon that lives in `pm2Home`, straight over its sockets: 1 MB instead of the 13 MB of PM2's own API module, and
 * without that module's habits. It spawns no daemon and follows none: when the daemon goes, its calls reject and its listeners hear 'lost'.
 * Its calls are not announced on the bus: a `manually: true` there is always somebody else's.
 * @throws Pm2Error `refused` when no daemon runs there
 */
export async function connectPm2(pm2Home: string): Promise<Pm2Client> {
  const { rpc, bus } = socketsOf(pm2Home);
  return clientOver(socketWire(await openSocket(rpc), bus));
}

/** The same, over any wire to a daemon. */
export function clientOver(wire: Pm2Wire): Pm2Client {
  return new WireClient(wire);
}

class WireClient implements Pm2Client {
  readonly #wire: Pm2Wire;
  readonly #listeners = new Set<(event: BusEvent) => void>();
  #bus: Promise<void> | null = null;
  #over = false;

  constructor(wire: Pm2Wire) {
    this.#wire = wire;
    wire.onLost(() => this.#lose());
  }

  async list(): Promise<Pm2Process[]> {
    const answer = await this.#wire.call('getMonitorData', {}, CALL_TIMEOUT_MS);
    return (Array.isArray(answer) ? answer : []).flatMap((entry) => processFromList(entry) ?? []);
  }

  async restart(pmId: number, limits?: RestartLimits): Promise<void> {
    const { killMs, status } = limits ? { killMs: limits.killTimeoutMs, status: null } : await this.#limitsOf(pmId);
    // Between a crash and PM2's own restart the daemon refuses ('Process with pid … already exists') and would start it twice.
    if (status === 'waiting restart') await this.stop(pmId);
    await this.#wire.call('restartProcessId', { id: pmId, ...withDelay(limits) }, killMs + CALL_TIMEOUT_MS);
  }

  async reload(pmId: number, limits?: ReloadLimits): Promise<void> {
    const { killMs, listenMs } = limits
      ? { killMs: limits.killTimeoutMs, listenMs: limits.listenTimeoutMs }
      : await this.#limitsOf(pmId);
    await this.#wire.call('reloadProcessId', { id: pmId, ...withDelay(limits) }, killMs + listenMs + CALL_TIMEOUT_MS);
  }

  async stop(pmId: number, limits?: StopLimits): Promise<void> {
    const killMs = limits?.killTimeoutMs ?? (await this.#limitsOf(pmId)).killMs;
    await this.#wire.call('stopProcessId', pmId, killMs + CALL_TIMEOUT_MS);
  }

  async delete(pmId: number): Promise<void> {
    const { killMs } = await this.#limitsOf(pmId);
    await this.#wire.call('deleteProcessId', pmId, killMs + CALL_TIMEOUT_MS);
  }

  async reloadLogs(): Promise<void> {
    await this.#wire.call('reloadLogs', {}, CALL_TIMEOUT_MS);
  }

  async onEvent(listener: (event: BusEvent) => void): Promise<void> {
    this.#listeners.add(listener);
    this.#bus ??= this.#wire.readBus((payload) => this.#tell(eventFromBus(payload)));
    await this.#bus;
  }

  close(): void {
    this.#over = true;
    this.#wire.close();
  }

  async #limitsOf(pmId: number): Promise<{ status: string | undefined; killMs: number; listenMs: number }> {
    const listed = (await this.list()).find((process) => process.pmId === pmId);
    const env = listed?.env;
    return {
      status: listed?.status,
      killMs: killTimeoutOf(env ?? {}),
      listenMs: positive(env?.listen_timeout) ?? DEFAULT_LISTEN_TIMEOUT_MS,
    };
  }

  #tell(event: BusEvent | null): void {
    if (event && !this.#over) for (const listener of this.#listeners) listener(event);
  }

  #lose(): void {
    this.#tell({ type: 'lost' });
    this.close();
  }
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

/** PM2 merges `current_conf` into what it runs (lib/Utility.js, extendExtraConfig). */
function withDelay(limits: RestartLimits | undefined): object {
  const delayMs = limits?.nextDelayMs ?? null;
  return delayMs === null ? {} : { env: { current_conf: { exp_backoff_restart_delay: delayMs } } };
}
