import { processFromList } from '../../../src/pm2/daemon/process.ts';
import type { Pm2Process } from '../../../src/pm2/types.ts';
import type { Rig, ScriptApp } from './rig.ts';

/** A message of the bus about the app, as it reads: what happened, to its which process, in its which incarnation, in what status. */
interface Message {
  readonly at: number;
  readonly event: string;
  readonly pmId: number;
  readonly text: string;
}

interface Payload {
  readonly event: string;
  readonly manually: boolean;
  readonly process: {
    readonly name: string;
    readonly pm_id: number | string;
    readonly pm_uptime: number;
    readonly status: string;
    readonly exit_code?: number;
  };
}

/** A busy machine takes seconds to start a process. */
const PATIENCE_MS = 60_000;

/** What a script saw: lines that are the same on every daemon, and times that are nearly. */
export interface Seen {
  readonly lines: readonly string[];
  /** ms, by what was measured. */
  readonly times: Readonly<Record<string, number>>;
}

/** One script being played on one app. */
export class Play {
  readonly #rig: Rig;
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #times: Record<string, number> = {};
  readonly #messages: Message[] = [];
  readonly #ids: number[] = [];
  readonly #incarnations = new Map<string, number[]>();

  constructor(rig: Rig, name: string) {
    this.#rig = rig;
    this.#name = name;
  }

  get seen(): Seen {
    return { lines: this.#lines, times: this.#times };
  }

  /** Takes in what the bus says; of other apps nothing. */
  hear(payload: unknown): void {
    const { event, manually, process } = payload as Payload;
    if (process.name !== this.#name) return;
    const id = this.#idOf(process.pm_id);
    const incarnation = this.#incarnationOf(id, process.pm_uptime);
    const code = event === 'exit' ? ` code ${process.exit_code}` : '';
    const text = `${event}${manually ? ' manually' : ''}: ${id}.${incarnation} ${process.status}${code}`;
    this.#messages.push({ at: this.#rig.now(), event, pmId: Number(process.pm_id), text });
  }

  start(app: Omit<ScriptApp, 'name'>): Promise<void> {
    return this.#rig.start({ name: this.#name, ...app });
  }

  /** The app's processes as PM2 lists them, by id. */
  async list(): Promise<Pm2Process[]> {
    const rows = (await this.#rig.wire.call('getMonitorData', {}, 30_000)) as unknown[];
    const own = rows.flatMap((row) => processFromList(row) ?? []).filter(({ name }) => name === this.#name);
    return own.sort((a, b) => a.pmId - b.pmId);
  }

  /** Notes what PM2 lists, in one line. */
  async noteList(): Promise<void> {
    const rows = await this.list();
    const words = rows.map(
      ({ pmId, status, pid, restarts }) => `${this.#idOf(pmId)} ${status}${pid > 0 ? ' with pid' : ''}, ${restarts} restarts`,
    );
    this.#lines.push(`list: ${words.join('; ') || 'nothing'}`);
  }

  /** Calls one of the daemon's methods about the app's process of this number, and notes whether it was done. */
  async call(method: string, number = 0): Promise<void> {
    const pmId = this.#ids[number] ?? -1;
    const argument = method === 'stopProcessId' || method === 'deleteProcessId' ? pmId : { id: pmId };
    const began = this.#rig.now();
    const outcome = await this.#rig.wire.call(method, argument, 30_000).then(
      () => 'done',
      () => 'refused',
    );
    this.#lines.push(`${method} ${number}: ${outcome}`);
    this.#times[`${method} ${number} took`] ??= this.#rig.now() - began;
  }

  async announce(action: string, number = 0): Promise<void> {
    await this.#rig.wire.call('notifyByProcessId', { id: this.#ids[number], action_name: action, manually: true }, 30_000);
  }

  /** kill -9 of the app's process of this number. */
  async kill(number = 0): Promise<void> {
    const found = (await this.list()).find(({ pmId }) => pmId === this.#ids[number]);
    if (!found || found.pid === 0) throw new Error(`${this.#name} has no process ${number}`);
    this.#rig.kill(found.pid);
  }

  /** Waits until every process that PM2 says is online has begun. @throws Error after a minute */
  async settled(): Promise<void> {
    await this.#until('every process to begin', async () => {
      const online = (await this.list()).filter(({ status }) => status === 'online');
      return online.every(({ pid }) => this.#rig.isReady(this.#name, pid));
    });
  }

  /** Waits until the bus has said this so many times about one process. @throws Error after a minute */
  async heard(event: string, times = 1, number = 0): Promise<void> {
    await this.#until(`'${event}' of ${number}, ${times} times`, () => this.#count(event, number) >= times);
  }

  async #until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
    const end = this.#rig.now() + PATIENCE_MS;
    while (!(await ask())) {
      if (this.#rig.now() > end) throw new Error(`${this.#name}: waited in vain for ${what}`);
      await this.#rig.sleep(20);
    }
  }

  sleep(ms: number): Promise<void> {
    return this.#rig.sleep(ms);
  }

  /** Notes what the bus has said until now, the first `most` messages of it, and forgets it all. */
  noteBus(most = Number.POSITIVE_INFINITY): void {
    for (const { text } of this.#messages.splice(0).slice(0, most)) this.#lines.push(text);
  }

  note(line: string): void {
    this.#lines.push(line);
  }

  /** Notes how long it was from the n-th of one event to the next of another. */
  time(what: string, from: string, to: string, after = 1): void {
    const first = this.#messages.filter(({ event }) => event === from)[after - 1];
    const second = this.#messages.find(({ event, at }) => event === to && first !== undefined && at >= first.at);
    if (first && second) this.#times[what] = second.at - first.at;
  }

  #count(event: string, number: number): number {
    return this.#messages.filter((message) => message.event === event && message.pmId === this.#ids[number]).length;
  }

  /** Numbers the app's processes in the order in which they are heard of; the one on its way out in a reload is `old`. */
  #idOf(pmId: number | string): string {
    if (typeof pmId === 'string') return 'old';
    if (!this.#ids.includes(pmId)) this.#ids.push(pmId);
    return String(this.#ids.indexOf(pmId));
  }

  #incarnationOf(id: string, startedAt: number): number {
    const known = this.#incarnations.get(id) ?? [];
    if (!known.includes(startedAt)) known.push(startedAt);
    this.#incarnations.set(id, known);
    return known.indexOf(startedAt) + 1;
  }
}
