import { Pm2Error } from '../../../src/pm2/daemon/pm2-error.ts';
import type { Pm2Wire } from '../../../src/pm2/daemon/wire.ts';
import type { Chance } from '../chance.ts';
import type { Actor } from './entry.ts';
import type { BusPayload, God } from './god.ts';
import { announce, beginList, type Callback, deleteProcessId, type Options, restartProcessId, stopProcessId } from './methods.ts';
import { reloadProcessId } from './reload.ts';
import type { Trouble } from './trouble.ts';

/** One end of a connection with the daemon: who asks, by whose clock, in whose time. */
export interface Caller {
  readonly actor: Actor;
  readonly chance: Chance;
  trouble(): Trouble;
  after(delayMs: number, run: () => void): () => void;
  /** Something arrives from the daemon, `delayMs` from now. */
  arrive(delayMs: number, run: () => void): void;
  /** false: it goes no further, the caller is dead. */
  onCall(call: Call): boolean;
  onAnswer(call: Call, error: string | null): void;
  onBusTrouble(payload: BusPayload): void;
}

export interface Call {
  readonly method: string;
  /** null: about no process. */
  readonly pmId: number | null;
}

const SOCKET_MS = { least: 0.1, most: 1.2 };

const CHANGES: Readonly<Record<string, (god: God, id: number, by: Actor, done: Callback, opts: Options) => void>> = {
  restartProcessId: restartProcessId,
  reloadProcessId: reloadProcessId,
  stopProcessId: (god, id, _by, done) => stopProcessId(god, id, done),
  deleteProcessId: (god, id, _by, done) => deleteProcessId(god, id, done),
};

/** The two sockets of a daemon, with all that can go wrong on them. `onEnd` of the daemon has to be told by {@link DaemonWire.lose}. */
export class DaemonWire implements Pm2Wire {
  readonly #god: God;
  readonly #caller: Caller;
  readonly #pending = new Set<(error: Pm2Error) => void>();
  #lose = (): void => {};
  #isClosed = false;

  constructor(god: God, caller: Caller) {
    this.#god = god;
    this.#caller = caller;
  }

  call(method: string, argument: unknown, timeoutMs: number): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Pm2Error('lost', `PM2's daemon is gone: ${method} was not sent`));
    const call: Call = { method, pmId: idIn(argument) };
    return new Promise((resolve, reject) => {
      const fail = (error: Pm2Error): void => {
        this.#pending.delete(fail);
        cancel();
        this.#caller.onAnswer(call, error.message);
        reject(error);
      };
      const cancel = this.#caller.after(timeoutMs, () =>
        fail(new Pm2Error('timeout', `PM2's daemon did not answer ${method} within ${timeoutMs} ms`)),
      );
      this.#pending.add(fail);
      if (!this.#caller.onCall(call)) return;
      this.#send(call, argument, (error, result) => {
        if (!this.#pending.has(fail)) return;
        if (error !== null) return fail(new Pm2Error('failed', `PM2 ${method}: ${error}`));
        this.#pending.delete(fail);
        cancel();
        this.#caller.onAnswer(call, null);
        resolve(result);
      });
    });
  }

  async readBus(onPayload: (payload: unknown) => void): Promise<void> {
    await new Promise<void>((resolve) => this.#caller.arrive(this.#socketMs(), resolve));
    let readyAt = 0;
    this.#god.onBus((payload) => {
      const { lost, doubled, delayed, delayMs } = this.#caller.trouble();
      const { chance } = this.#caller;
      const deliver = (laterMs: number): void => this.#caller.arrive(laterMs, () => this.#isClosed || onPayload(payload));
      if (chance.is(lost)) return this.#caller.onBusTrouble(payload);
      if (chance.is(doubled)) deliver(chance.between(1, 50));
      if (chance.is(delayed)) {
        this.#caller.onBusTrouble(payload);
        return deliver(chance.between(1, delayMs));
      }
      // On one socket nothing overtakes.
      const now = this.#god.around.clock.now();
      readyAt = Math.max(readyAt, now + this.#socketMs());
      deliver(readyAt - now);
    });
  }

  onLost(run: () => void): void {
    this.#lose = run;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The daemon is gone. */
  lose(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const fail of this.#pending) fail(new Pm2Error('lost', "PM2's daemon went away"));
    this.#lose();
  }

  #send(call: Call, argument: unknown, answer: Callback): void {
    const { chance } = this.#caller;
    const { refused, unanswered, swallowed, slowCallMs, listMs, listBlocksMs } = this.#caller.trouble();
    const god = this.#god;
    const reply: Callback = (error, result) => this.#caller.arrive(this.#socketMs(), () => answer(error, result));
    if (call.method === 'getMonitorData') {
      god.loop.arrive(this.#socketMs(), () => this.#list(listMs * chance.between(0.8, 1.25), listBlocksMs, reply));
      return;
    }
    const change = CHANGES[call.method];
    if (!change) {
      god.loop.arrive(this.#socketMs(), () => {
        if (call.method === 'notifyByProcessId') this.#announce(argument);
        reply(null);
      });
      return;
    }
    if (chance.is(swallowed)) return;
    const isRefused = chance.is(refused);
    const isUnanswered = chance.is(unanswered);
    god.loop.arrive(this.#socketMs() + slowCallMs * chance.share(), () => {
      if (isRefused) reply('it was refused');
      else change(god, call.pmId ?? -1, this.#caller.actor, isUnanswered ? () => {} : reply, optionsIn(argument));
    });
  }

  #list(tookMs: number, blocksMs: number, reply: Callback): void {
    const rows = beginList(this.#god);
    this.#god.loop.after(Math.max(0, tookMs - blocksMs), () => {
      this.#god.loop.block(blocksMs);
      const result = rows();
      this.#god.loop.arrive(blocksMs, () => reply(null, result));
    });
  }

  #announce(argument: unknown): void {
    const { id, action_name } = argument as { id: number; action_name: string };
    announce(this.#god, id, action_name);
  }

  #socketMs(): number {
    return this.#caller.chance.between(SOCKET_MS.least, SOCKET_MS.most);
  }
}

function idIn(argument: unknown): number | null {
  if (typeof argument === 'number') return argument;
  const id = (argument as { id?: unknown } | null)?.id;
  return typeof id === 'number' ? id : null;
}

function optionsIn(argument: unknown): Options {
  return typeof argument === 'object' && argument !== null ? argument : {};
}
