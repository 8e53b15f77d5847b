import type { Chance } from '../chance.ts';
import type { Machine, Program, Signal, SimProcess } from '../machine/machine.ts';
import type { PortTable } from '../machine/port-table.ts';
import type { Entry } from '../pm2/entry.ts';
import type { VirtualClock } from '../time/virtual-clock.ts';
import type { Active, BootTrouble } from './ailment.ts';
import type { Dependency } from './dependency.ts';
import type { BackendPlan } from './plan.ts';

/** What a backend lives on. */
export interface Ground {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly ports: PortTable;
  readonly chance: Chance;
}

/** One process of a backend. */
export interface Running {
  readonly process: SimProcess;
  readonly entry: Entry;
  /** Waits for its answers: told when it ends. */
  readonly waiting: Set<() => void>;
  phase: 'booting' | 'listening' | 'draining' | 'without-port';
  /** Its own, that its end cures. */
  ailment: Active | null;
  isStale: boolean;
}

/** A backend: what its processes do, and what is wrong with it whatever process runs. */
export class Backend implements Program {
  readonly plan: BackendPlan;
  readonly dependency: Dependency | null;
  /** Of all its processes. */
  ailment: Active | null = null;
  bootTrouble: BootTrouble | null = null;
  /** How much longer its next end takes. */
  slowEndMs = 0;
  extraMemoryBytes = 0;
  /** When they last took less again. */
  lighterSince = Number.NEGATIVE_INFINITY;
  /** The last line of its error log. */
  lastError: string | null = null;
  readonly running = new Map<SimProcess, Running>();
  readonly #ground: Ground;
  readonly #onChange: () => void;
  #entry: Entry | null = null;

  /** @param onChange is called whenever the answers of this backend may be others from now on */
  constructor(plan: BackendPlan, dependency: Dependency | null, ground: Ground, onChange: () => void) {
    this.plan = plan;
    this.dependency = dependency;
    this.#ground = ground;
    this.#onChange = onChange;
    dependency?.onChange((isUp) => this.#noticeDependency(isUp));
  }

  /** The program of the process that PM2 starts now. */
  startedFor(entry: Entry): Program {
    this.#entry = entry;
    return this;
  }

  begin(process: SimProcess): void {
    const entry = this.#entry;
    if (entry === null) throw new Error(`${this.plan.name} was not started by PM2`);
    this.running.set(process, { process, entry, waiting: new Set(), phase: 'booting', ailment: null, isStale: false });
    const trouble = this.bootTrouble;
    if (trouble?.endsAfterMs != null) this.#later(process, trouble.endsAfterMs, () => this.crash(process, trouble.lastError));
    else if (this.plan.shape === 'tree' && process.parent === null) this.#beginTree(process, trouble);
    else this.#later(process, this.#bootMs(trouble), () => this.#listen(process));
    this.#onChange();
  }

  onSignal(process: SimProcess, _signal: Exclude<Signal, 'SIGKILL'>): void {
    const running = this.running.get(process);
    if (!running || running.phase === 'draining' || this.ailmentOf(running)?.ailment.kind === 'hang') return;
    running.phase = 'draining';
    this.#ground.ports.release(this.plan.port, process);
    const { machine } = this.#ground;
    this.#later(process, this.plan.drainMs + this.slowEndMs, () => machine.end(process, { code: 0, signal: null }));
    this.#onChange();
  }

  onEnd(process: SimProcess): void {
    const running = this.running.get(process);
    if (!running) return;
    this.running.delete(process);
    this.#ground.ports.release(this.plan.port, process);
    for (const tell of running.waiting) tell();
    if (this.plan.childFollows)
      for (const child of process.children)
        this.#later(child, 200, () => this.#ground.machine.end(child, { code: 0, signal: null }));
    this.#onChange();
  }

  /** It ends by itself, with an error. */
  crash(process: SimProcess, lastError: string | null): void {
    this.lastError = lastError;
    this.#ground.machine.end(process, { code: 1, signal: null });
  }

  /** From now on, for this process alone. */
  fallIll(process: SimProcess, active: Active): void {
    const running = this.running.get(process);
    if (!running) return;
    running.ailment = active;
    this.#endLater(active);
    this.#onChange();
  }

  /** From now on, whatever process runs. */
  fallIllForGood(active: Active): void {
    this.ailment = active;
    this.#endLater(active);
    this.#onChange();
  }

  /** The one that PM2 started last of those that serve, or boot. */
  newest(): SimProcess | null {
    return [...this.running.keys()].findLast(({ alive, parent }) => alive && parent === null) ?? null;
  }

  /** Those that answer now. */
  listening(): Running[] {
    return [...this.running.values()].filter(({ phase }) => phase === 'listening');
  }

  /** What is wrong with a process's answers at this moment, or, as far as that is known, at a later one (monotonic ms). */
  ailmentOf(running: Running, at = this.#ground.clock.now()): Active | null {
    const isOn = (one: Active | null): one is Active => one !== null && (one.until === null || at < one.until);
    const [active, other] = [running.ailment, this.ailment].filter(isOn);
    // Of two hangs the longer one: what thaws from one is still in the other.
    const isLonger = other?.ailment.kind === 'hang' && (other.until ?? Number.POSITIVE_INFINITY) > (active?.until ?? 0);
    if (active?.ailment.kind === 'hang' && active.until !== null && isLonger) return other;
    if (active) return active;
    return this.dependency && (!this.dependency.isUp || running.isStale) ? WITHOUT_DEPENDENCY : null;
  }

  #beginTree(parent: SimProcess, trouble: BootTrouble | null): void {
    const { machine } = this.#ground;
    this.#later(parent, 20, () => {
      const child = machine.spawn(parent.app, this, () => {}, parent);
      if (trouble?.parentEndsAfterMs != null)
        this.#later(parent, trouble.parentEndsAfterMs, () => this.crash(parent, trouble.lastError));
      // It waits for its child when it is asked to end.
      void child;
    });
  }

  #bootMs(trouble: BootTrouble | null): number {
    return this.plan.bootMs * this.#ground.chance.between(0.8, 1.3) + (trouble?.slowerByMs ?? 0);
  }

  #listen(process: SimProcess): void {
    const running = this.running.get(process);
    if (running?.phase !== 'booting') return;
    const { ports, machine } = this.#ground;
    const { port, shape } = this.plan;
    if (shape === 'cluster' ? ports.join(port, process) : ports.listen(port, process)) {
      running.phase = 'listening';
      running.isStale = false;
      this.lastError = null;
      running.entry.onListening?.();
    } else if (this.plan.survivesTakenPort) running.phase = 'without-port';
    else {
      this.lastError = `Error: listen EADDRINUSE: address already in use :::${port}`;
      machine.end(process, { code: 1, signal: null });
      if (process.parent) machine.end(process.parent, { code: 1, signal: null });
      return;
    }
    this.#onChange();
  }

  #noticeDependency(isUp: boolean): void {
    if (isUp && this.plan.goesStale) for (const running of this.listening()) running.isStale = true;
    this.#onChange();
  }

  #endLater({ until }: Active): void {
    const { clock } = this.#ground;
    if (until !== null) clock.after(until - clock.now(), () => this.#onChange());
  }

  #later(process: SimProcess, ms: number, run: () => void): void {
    this.#ground.clock.after(ms, () => {
      if (process.alive) run();
    });
  }
}

/** It cannot do without what is not there. */
export const WITHOUT_DEPENDENCY: Active = {
  ailment: { kind: 'status', status: 503, where: 'readiness', retryAfterMs: null, silentShare: 0 },
  until: null,
};
