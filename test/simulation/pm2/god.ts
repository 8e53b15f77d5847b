import type { AppDeclaration } from '../../../src/pm2/types.ts';
import type { Chance } from '../chance.ts';
import type { End, Machine, Program, SimProcess } from '../machine/machine.ts';
import { EventLoop } from '../time/event-loop.ts';
import type { VirtualClock } from '../time/virtual-clock.ts';
import { type Actor, type Entry, envOf, type Pm2Env } from './entry.ts';

/** What goes over the bus as `process:event`. */
export interface BusPayload {
  readonly event: string;
  readonly manually: boolean;
  readonly process: Pm2Env;
}

/** What the daemon has of its surroundings. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly chance: Chance;
  /** What its process is called. */
  appOf(entry: Entry): string;
  programOf(entry: Entry): Program;
  /** A process was started, or had ended, by the daemon's own knowledge. */
  onStart?(entry: Entry, by: Actor): void;
  onExit?(entry: Entry, end: End): void;
}

/** Opening two log files, until a fork is made. */
const START_LOGGING_MS = { least: 1, most: 4 };
/** Until a cluster's worker says 'online': Node itself has to start. */
const WORKER_ONLINE_MS = { least: 40, most: 120 };
/** Until the daemon hears of a child's end. */
const CHILD_ENDED_MS = { least: 0.5, most: 12 };
/** constants.js: WORKER_INTERVAL, EXP_BACKOFF_RESET_TIMER. */
const WORKER_EVERY_MS = 30_000;
const BACKOFF_RESET_MS = 30_000;
const MAX_BACKOFF_MS = 15_000;

type Started = (error: string | null, entry: Entry | null) => void;

/**
 * PM2's daemon, lib/God.js of 7.0.4 line for line where it matters: how a process is started, what is done at its end, and what of it is
 * told. A model: what differs from the real one is its fault (test/contract/pm2/model.test.ts plays the same on both).
 */
export class God {
  readonly loop: EventLoop;
  readonly around: Surroundings;
  /** lib/God.js, clusters_db. */
  readonly db = new Map<number | string, Entry>();
  #nextId = 0;
  #listeners: ((payload: BusPayload) => void)[] = [];

  constructor(around: Surroundings) {
    this.around = around;
    this.loop = new EventLoop(around.clock);
    this.#work();
  }

  onBus(listener: (payload: BusPayload) => void): void {
    this.#listeners.push(listener);
  }

  /** lib/God.js, prepare: starts an app that is not known yet, its instances one after the other. */
  prepare(app: AppDeclaration, by: Actor, done: () => void = () => {}): void {
    const next = (left: number): void => {
      if (left === 0) {
        done();
        return;
      }
      this.executeApp(envOf(app), by, (error, entry) => {
        if (error === null && entry) this.notify('start', entry.env, true);
        next(left - 1);
      });
    };
    next(app.instances ?? 1);
  }

  notify(event: string, env: Pm2Env, manually = false): void {
    if (this.#listeners.length === 0) return;
    const payload = { event, manually, process: { ...env } };
    for (const listener of this.#listeners) listener(payload);
  }

  /** lib/God.js, executeApp. */
  executeApp(from: Omit<Pm2Env, 'pm_id'> & { pm_id?: number | string }, by: Actor, started: Started): void {
    const wallNow = this.around.clock.wallNow();
    const env: Pm2Env = {
      ...from,
      status: 'launching',
      pm_uptime: wallNow,
      created_at: from.created_at ?? wallNow,
      ...(from.pm_id === undefined ? { pm_id: this.#nextId++, restart_time: 0, unstable_restarts: 0 } : { pm_id: from.pm_id }),
    };
    const entry: Entry = {
      env,
      pid: 0,
      process: null,
      state: null,
      restartTask: null,
      startedBy: by,
      onListening: null,
    };
    if (env.exec_mode === 'cluster_mode') this.#forkWorker(entry, started);
    else this.loop.arrive(this.#draw(START_LOGGING_MS), () => this.#fork(entry, started));
  }

  /** lib/God/Methods.js, resetState. */
  resetState(env: Pm2Env): void {
    env.created_at = this.around.clock.wallNow();
    env.unstable_restarts = 0;
    env.prev_restart_delay = 0;
  }

  forget(id: number | string): void {
    this.db.delete(id);
    if (this.db.size === 0) this.#nextId = 0;
  }

  /** The daemon is killed: it does nothing any more, and its children are nobody's. */
  die(): void {
    this.loop.end();
    this.#listeners = [];
    for (const entry of this.db.values()) if (entry.process) entry.process.belongsToPm2 = false;
  }

  #fork(entry: Entry, started: Started): void {
    this.#spawn(entry, () => true);
    this.#ready(entry, started);
  }

  #forkWorker(entry: Entry, started: Started): void {
    let isReady = false;
    const ready = (): boolean => {
      if (!isReady) {
        isReady = true;
        if (entry.state === 'none') entry.state = 'online';
        this.#ready(entry, started);
      }
      return true;
    };
    entry.state = 'none';
    this.#spawn(entry, ready);
    this.loop.arrive(this.#draw(WORKER_ONLINE_MS), () => {
      if (entry.state !== 'dead') ready();
    });
  }

  #spawn(entry: Entry, beforeExit: () => boolean): void {
    const { machine } = this.around;
    const program = this.around.programOf(entry);
    this.db.set(entry.env.pm_id, entry);
    const onEnd = (end: End): void =>
      this.loop.arrive(this.#draw(CHILD_ENDED_MS), () => {
        machine.reap(process);
        if (entry.state !== null) entry.state = 'dead';
        beforeExit();
        this.#handleExit(entry, end);
      });
    const process: SimProcess = machine.spawn(this.around.appOf(entry), program, onEnd);
    entry.process = process;
    entry.pid = process.pid;
    this.around.onStart?.(entry, entry.startedBy);
  }

  /** executeApp's readyCb. The bus says 'online' while the status is still 'launching'. */
  #ready(entry: Entry, started: Started): void {
    this.notify('online', entry.env);
    if (entry.env.status !== 'errored') entry.env.status = 'online';
    started(null, entry);
  }

  /** lib/God.js, handleExit. */
  #handleExit(entry: Entry, end: End): void {
    const { env } = entry;
    if (this.db.get(env.pm_id) !== entry) return;
    this.around.onExit?.(entry, end);
    const isStopping =
      env.status === 'stopping' || env.status === 'stopped' || env.status === 'errored' || env.autorestart === false;
    if (isStopping) entry.pid = 0;
    if (env.status !== 'errored' && env.status !== 'stopping') env.status = 'stopped';
    const isOverLimit = this.#countUnstable(entry);
    env.exit_code = end.code;
    this.notify('exit', env);
    const delayMs = this.#restartDelay(env);
    if (isStopping || isOverLimit) return;
    entry.restartTask = this.loop.after(delayMs, () => {
      env.restart_time += 1;
      this.executeApp(env, 'pm2', () => {});
    });
  }

  #countUnstable(entry: Entry): boolean {
    const { env } = entry;
    const now = this.around.clock.wallNow();
    const isYoung = now - (env.created_at ?? 0) < env.min_uptime * env.max_restarts;
    if (isYoung && now - env.pm_uptime < env.min_uptime) env.unstable_restarts += 1;
    if (env.unstable_restarts < env.max_restarts) return false;
    env.status = 'errored';
    entry.pid = 0;
    this.notify('restart overlimit', env);
    env.unstable_restarts = 0;
    env.created_at = null;
    return true;
  }

  /** Whether or not it is restarted: 'waiting restart' is said of what was stopped, too, until its stop is done. */
  #restartDelay(env: Pm2Env): number {
    let delayMs = 0;
    if (env.restart_delay !== undefined) {
      env.status = 'waiting restart';
      delayMs = env.restart_delay;
    }
    if (env.exp_backoff_restart_delay !== undefined) {
      env.status = 'waiting restart';
      delayMs = env.prev_restart_delay
        ? Math.floor(Math.min(MAX_BACKOFF_MS, env.prev_restart_delay * 1.5))
        : env.exp_backoff_restart_delay;
      env.prev_restart_delay = delayMs;
    }
    return delayMs;
  }

  /** lib/Worker.js, tasks: who has been up for long begins anew with its delay. */
  #work(): void {
    this.loop.after(WORKER_EVERY_MS, () => {
      for (const { env } of this.db.values())
        if (env.prev_restart_delay > 0 && this.around.clock.wallNow() - env.pm_uptime > BACKOFF_RESET_MS)
          env.prev_restart_delay = 0;
      this.#work();
    });
  }

  #draw({ least, most }: { least: number; most: number }): number {
    return this.around.chance.between(least, most);
  }
}
