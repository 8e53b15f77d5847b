import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.ts';
import { PidFile } from '../host/pid-file.ts';
import { lifeguardFolder } from '../pm2/home.ts';
import type { Pm2Process } from '../pm2/types.ts';
import { LOGROTATE_PLACES } from './rivals/logrotate-rules.ts';
import { Rivals } from './rivals/rivals.ts';
import { type LogSource, logSources, type SourceContext } from './sources.ts';

/** How long another lifeguard's rotation is waited for; most take a few hundred ms. */
const WAIT_MS = 2_000;
const LOOK_EVERY_MS = 50;

export interface Pm2LogsContext extends Pick<SourceContext, 'config' | 'pm2Home' | 'fallback' | 'ownerOf'> {
  readonly host: Host;
  /** Where rules of logrotate are looked for. */
  readonly logrotatePlaces?: readonly string[];
}

/**
 * The log files of one PM2, among all lifeguards that run in it. One of them keeps what is of no project; and one at a time has PM2 reload, as
 * that reopens everybody's files. Both by names in PM2_HOME/lifeguard that the holder's end frees.
 */
export class Pm2Logs {
  readonly #context: Pm2LogsContext;
  readonly #shared: PidFile;
  readonly #rotation: PidFile;
  readonly #rivals: Rivals;

  constructor(context: Pm2LogsContext) {
    const folder = lifeguardFolder(context.pm2Home);
    this.#context = context;
    this.#shared = new PidFile(context.host, join(folder, 'shared-logs.keeper'));
    this.#rotation = new PidFile(context.host, join(folder, 'rotation.lock'));
    this.#rivals = new Rivals(context.logrotatePlaces ?? LOGROTATE_PLACES, () => performance.now());
  }

  async sources(processes: readonly Pm2Process[]): Promise<LogSource[]> {
    const keepsShared = await this.#shared.take();
    return logSources({ ...this.#context, processes, keepsShared, rivalOf: this.#rivals.look(processes) });
  }

  /** See ReloadPorts. */
  async exclusively<T>(work: () => Promise<T>): Promise<T | null> {
    for (const end = performance.now() + WAIT_MS; !(await this.#rotation.take()); ) {
      if (performance.now() > end) return null;
      await sleep(LOOK_EVERY_MS);
    }
    try {
      return await work();
    } finally {
      this.#rotation.release();
    }
  }

  /** Another lifeguard may keep what is of no project. */
  close(): void {
    this.#shared.release();
    this.#rotation.release();
  }
}
