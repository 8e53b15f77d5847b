import type { Action, JournalEntry } from '../../src/policy/action.ts';
import type { ChildPhase, Ended, Event, ExitInfo, PortHolder } from '../../src/policy/event.ts';
import type { Answer } from '../../src/policy/observation.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { recordLine, recordOpening } from '../../src/policy/replay.ts';
import type { BackendState } from '../../src/policy/state.ts';
import { cadence } from '../../src/policy/timing/cadence.ts';
import { nextTickMs } from '../../src/policy/timing/next-tick.ts';
import { createFleet, decideFleet, type Fleet, stateOf } from '../../src/policy/together/fleet.ts';

/** A backend as the world sees it: how it answers, and when it dies. All times in ms of the world's clock. */
export interface BackendModel {
  /** What a check that starts now meets. `startedAt`, `n`: of the present process, n counting from 1. */
  answer?(at: { now: number; startedAt: number; n: number }): Met;
  /** How long the n-th process lives; null: until it is ended. */
  livesMs?(at: { startedAt: number; n: number }): number | null;
  /** From a start until it listens. */
  readonly bootMs?: number;
  readonly exit?: Partial<ExitInfo>;
  /** Who holds its port. */
  portHolder?(now: number): PortHolder | null;
  /** Whether its dependency called `database` answers. */
  databaseUp?(now: number): boolean;
}

export type Met =
  | 'ok'
  | 'hang'
  | 'refused'
  | { readonly status: number; readonly afterMs?: number; readonly retryAfterMs?: number; readonly excerpt?: string };

export interface Happened {
  readonly at: number;
  readonly backend: string;
  readonly action: Action;
}

/** PM2's own restart of what crashed, ms (its restart_delay). */
const PM2_RESTART_MS = 100;
/** Until a stop takes hold, and until PM2 says so. */
const PM2_STOP_MS = 20;
const PM2_STOPPED_MS = 90;

interface Process {
  n: number;
  startedAt: number;
  /** null: none was started yet. */
  incarnation: string | null;
  phase: ChildPhase;
  /** PM2 is about to start it by itself. */
  autorestart: number | null;
  pm2DelayMs: number;
}

/**
 * PM2, backends and the shell around decide, in virtual time: what the scenarios are played in. It keeps to what PM2 was measured to do:
 * a crashed app is started again after 0.1 s unless it is stopped before; a stop takes 0.11 s.
 */
export class World {
  now = 0;
  /** PM2 is so busy that its own restart of what crashed comes before our stop of it. */
  slowStop = false;
  fleet: Fleet;
  readonly happened: Happened[] = [];
  readonly starts: { at: number; backend: string }[] = [];
  readonly recording: string[];
  readonly #queue: { at: number; order: number; run: () => void }[] = [];
  readonly #processes = new Map<string, Process>();
  readonly #inFlight = new Map<string, Set<{ startedAt: number }>>();
  readonly #timers = new Map<string, number>();
  readonly #models: Readonly<Record<string, BackendModel>>;
  #order = 0;

  constructor(models: Readonly<Record<string, BackendModel>>, policyOf: (name: string) => Policy, seed = 1) {
    this.#models = models;
    const names = Object.keys(models);
    this.fleet = createFleet(
      names.map((name) => ({ name, policy: policyOf(name) })),
      0,
      seed,
    );
    this.recording = [recordOpening(this.fleet, 0)];
    for (const name of names) {
      this.#processes.set(name, {
        n: 0,
        startedAt: 0,
        incarnation: null,
        phase: 'stopped',
        autorestart: null,
        pm2DelayMs: PM2_RESTART_MS,
      });
      this.#inFlight.set(name, new Set());
      this.#spawn(name);
      if (models[name]?.databaseUp) this.#watchDatabase(name);
    }
  }

  /** Plays until this time. */
  runTo(until: number): World {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || next.at > until) break;
      this.#queue.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = until;
    return this;
  }

  state(name = this.fleet.names[0] ?? ''): BackendState {
    const state = stateOf(this.fleet, name);
    if (state === undefined) throw new Error(`no ${name}`);
    return state;
  }

  send(event: Event, name = this.fleet.names[0] ?? ''): void {
    const decided = decideFleet(this.fleet, name, event, this.now);
    this.fleet = decided.fleet;
    this.recording.push(recordLine(this.now, name, event, decided.actions));
    for (const { backend, action } of decided.actions) {
      this.happened.push({ at: this.now, backend, action });
      this.#perform(backend, action);
    }
    for (const peer of decided.checkNow) this.#check(peer);
    for (const touched of new Set([name, ...decided.actions.map(({ backend }) => backend)])) this.#arm(touched);
  }

  /** What an operator does with PM2 itself. */
  operator(command: 'stop' | 'restart' | 'start', name = this.fleet.names[0] ?? ''): void {
    const process = this.#process(name);
    process.autorestart = null;
    if (command !== 'start' && process.phase === 'up') this.#end(name, true);
    if (command === 'stop') {
      process.phase = 'stopped';
      this.#seen(name, [], [0]);
    } else this.#spawn(name);
  }

  journal(what?: JournalEntry['what'], name?: string): (JournalEntry & { at: number; backend: string })[] {
    return this.happened.flatMap(({ at, backend, action }) =>
      action.type === 'journal' && (what === undefined || action.entry.what === what) && (name === undefined || backend === name)
        ? [{ ...action.entry, at, backend }]
        : [],
    );
  }

  /** The actions that drive PM2, as one reads them: `at type backend`. */
  driven(name?: string): Happened[] {
    return this.happened.filter(({ action, backend }) => action.type !== 'journal' && (name === undefined || name === backend));
  }

  #process(name: string): Process {
    const process = this.#processes.get(name);
    if (process === undefined) throw new Error(`no ${name}`);
    return process;
  }

  #model(name: string): BackendModel {
    return this.#models[name] ?? {};
  }

  #policy(name: string): Policy {
    const policy = this.fleet.policies[this.fleet.index.get(name) ?? -1];
    if (policy === undefined) throw new Error(`no ${name}`);
    return policy;
  }

  #later(ms: number, run: () => void): void {
    const entry = { at: this.now + ms, order: this.#order++, run };
    const i = this.#queue.findIndex(({ at }) => at > entry.at);
    if (i === -1) this.#queue.push(entry);
    else this.#queue.splice(i, 0, entry);
  }

  /** What is known of PM2's processes is told as it is. */
  #seen(name: string, ended: readonly Ended[] = [], byHand: readonly number[] = []): void {
    const { incarnation, phase, startedAt, pm2DelayMs } = this.#process(name);
    if (incarnation === null) return;
    const children = [{ pmId: 0, incarnation, phase, upAt: startedAt, eager: pm2DelayMs <= 1_000 }];
    this.send({ type: 'processes', children, ended, byHand }, name);
  }

  #spawn(name: string): void {
    const process = this.#process(name);
    process.n += 1;
    process.startedAt = this.now;
    process.autorestart = null;
    process.phase = 'up';
    const incarnation = `${process.n}@${this.now}`;
    process.incarnation = incarnation;
    this.starts.push({ at: this.now, backend: name });
    const { livesMs, portHolder } = this.#model(name);
    const lives = portHolder?.(this.now) ? 50 : (livesMs?.({ startedAt: this.now, n: process.n }) ?? null);
    const isStillThere = () => process.incarnation === incarnation && process.phase === 'up';
    if (lives !== null) this.#later(lives, () => isStillThere() && this.#end(name, false));
    this.#seen(name);
  }

  #end(name: string, asked: boolean): void {
    const process = this.#process(name);
    const incarnation = process.incarnation ?? '';
    const model = this.#model(name);
    process.phase = asked ? 'stopping' : 'down';
    if (!asked) {
      const token = this.#order++;
      process.autorestart = token;
      this.#later(process.pm2DelayMs, () => process.autorestart === token && this.#spawn(name));
    }
    this.#seen(name, [{ pmId: 0, incarnation, asked, code: 1 }]);
    if (asked) return;
    if (model.portHolder) this.send({ type: 'port', holder: model.portHolder(this.now) }, name);
    this.send(
      { type: 'explained', incarnation, exit: { code: 1, signal: null, oom: false, lastError: null, ...model.exit } },
      name,
    );
  }

  #perform(name: string, action: Action): void {
    if (action.type !== 'operation') return;
    const process = this.#process(name);
    const { id, kind } = action;
    const done = () => this.send({ type: 'performed', id, error: null }, name);
    this.send({ type: 'asked', id }, name);
    if (kind === 'stop' || kind === 'halt') {
      this.#later(this.slowStop ? PM2_RESTART_MS + 10 : PM2_STOP_MS, () => {
        process.autorestart = null;
        if (process.phase === 'up') this.#end(name, true);
        this.#later(PM2_STOPPED_MS, () => {
          process.phase = 'stopped';
          this.#seen(name);
          done();
        });
      });
      return;
    }
    this.#later(50, () => {
      process.pm2DelayMs = action.pm2DelayMs ?? process.pm2DelayMs;
      process.autorestart = null;
      if (process.phase === 'up') this.#end(name, true);
      this.#spawn(name);
      done();
    });
  }

  #look(name: string): void {
    const { portHolder } = this.#model(name);
    this.#seen(name);
    if (portHolder && this.state(name).blocked !== null) this.send({ type: 'port', holder: portHolder(this.now) }, name);
    this.send({ type: 'looked', askedAt: this.now }, name);
  }

  #watchDatabase(name: string): void {
    const up = this.#model(name).databaseUp?.(this.now) ?? true;
    this.send({ type: 'dependency', name: 'database', up, detail: up ? '' : 'refused' }, name);
    this.#later(250, () => this.#watchDatabase(name));
  }

  #arm(name: string): void {
    const timer = this.#order++;
    this.#timers.set(name, timer);
    const policy = this.#policy(name);
    const { nextCheckInMs, nextLookInMs } = cadence(this.state(name), policy, [...(this.#inFlight.get(name) ?? [])], this.now);
    const tick = nextTickMs(this.state(name), policy, this.now);
    const isCurrent = () => this.#timers.get(name) === timer;
    if (nextCheckInMs !== null) this.#later(nextCheckInMs, () => isCurrent() && this.#checkAndArm(name));
    if (nextLookInMs !== null) this.#later(nextLookInMs, () => isCurrent() && this.#look(name));
    if (tick !== null) this.#later(Math.max(1, tick), () => isCurrent() && this.send({ type: 'tick' }, name));
  }

  #checkAndArm(name: string): void {
    this.#check(name);
    this.#arm(name);
  }

  #check(name: string): void {
    const process = this.#process(name);
    const { incarnation, startedAt, n, phase } = process;
    const model = this.#model(name);
    const flight = { startedAt: this.now };
    this.#inFlight.get(name)?.add(flight);
    const listens = phase === 'up' && this.now >= startedAt + (model.bootMs ?? 0);
    const met: Met = listens ? (model.answer?.({ now: this.now, startedAt, n }) ?? 'ok') : 'refused';
    const { timeoutMs } = this.#policy(name);
    const latencyMs = met === 'hang' ? timeoutMs : typeof met === 'object' ? (met.afterMs ?? 2) : 2;
    this.#later(Math.min(latencyMs, timeoutMs), () => {
      this.#inFlight.get(name)?.delete(flight);
      const died = process.incarnation !== incarnation && latencyMs > 2;
      const liveness = died ? ({ kind: 'broken', code: 'ECONNRESET', latencyMs } as const) : answerOf(met, latencyMs, timeoutMs);
      this.send({ type: 'check', observation: { liveness, readiness: null, startedAt: flight.startedAt } }, name);
    });
  }
}

function answerOf(met: Met, latencyMs: number, timeoutMs: number): Answer {
  if (met === 'hang' || latencyMs > timeoutMs) return { kind: 'timeout', latencyMs: timeoutMs };
  if (met === 'refused') return { kind: 'refused', latencyMs };
  const { status, retryAfterMs = null, excerpt = '' } = met === 'ok' ? { status: 200 } : met;
  return { kind: 'answer', status, latencyMs, retryAfterMs, json: null, excerpt };
}
