import type { VirtualClock } from '../time/virtual-clock.ts';

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** How a process came to its end. */
export interface End {
  readonly code: number;
  readonly signal: Signal | null;
}

/** What a process does; told of it by the machine. */
export interface Program {
  /** It runs from now on. */
  begin(process: SimProcess): void;
  /** A signal that can be handled. Who does nothing lives on. */
  onSignal(process: SimProcess, signal: Exclude<Signal, 'SIGKILL'>): void;
  /** It has ended. */
  onEnd(process: SimProcess): void;
}

/** One process of the simulated machine. */
export interface SimProcess {
  readonly pid: number;
  /** PM2's app, by the marker in its environment. */
  readonly app: string;
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly program: Program;
  readonly children: SimProcess[];
  /** null: PM2's daemon, or nobody any more. */
  readonly parent: SimProcess | null;
  /** PM2's daemon started it, and it is the one that runs now. */
  belongsToPm2: boolean;
  alive: boolean;
  /** Its parent has been told of its end: until then its pid is not free. */
  isReaped: boolean;
}

/** Pids go round: so soon that one of before means another process within the hour. */
const FIRST_PID = 300;

/** Processes by pid. */
export class Machine {
  readonly #clock: VirtualClock;
  readonly #byPid = new Map<number, SimProcess>();
  readonly #watchers = new Map<SimProcess, (end: End) => void>();
  readonly #lastPid: number;
  #nextPid = FIRST_PID;

  /** @param pids how many there are */
  constructor(clock: VirtualClock, pids: number) {
    this.#clock = clock;
    this.#lastPid = FIRST_PID + pids;
  }

  /** @param onEnd is called once, when it has ended and its parent has been told */
  spawn(app: string, program: Program, onEnd: (end: End) => void, parent: SimProcess | null = null): SimProcess {
    const process: SimProcess = {
      pid: this.#freePid(),
      app,
      startedAt: this.#clock.now(),
      program,
      children: [],
      parent,
      belongsToPm2: parent === null,
      alive: true,
      isReaped: false,
    };
    this.#byPid.set(process.pid, process);
    this.#watchers.set(process, onEnd);
    parent?.children.push(process);
    program.begin(process);
    return process;
  }

  /** The living process that has this pid now. */
  at(pid: number): SimProcess | undefined {
    const found = this.#byPid.get(pid);
    return found?.alive ? found : undefined;
  }

  /** The daemon has heard of its end. */
  reap(process: SimProcess): void {
    process.isReaped = true;
  }

  /** It and all below it that live. */
  treeOf(process: SimProcess): SimProcess[] {
    const below = process.children.flatMap((child) => this.treeOf(child));
    return process.alive ? [process, ...below] : below;
  }

  signal(process: SimProcess, signal: Signal): void {
    if (!process.alive) return;
    if (signal === 'SIGKILL') this.end(process, { code: 0, signal });
    else process.program.onSignal(process, signal);
  }

  /** It ends now, whoever is the cause. Its children live on. */
  end(process: SimProcess, end: End): void {
    if (!process.alive) return;
    process.alive = false;
    process.isReaped = !process.belongsToPm2;
    process.program.onEnd(process);
    const tell = this.#watchers.get(process);
    this.#watchers.delete(process);
    tell?.(end);
  }

  all(): SimProcess[] {
    return [...this.#byPid.values()].filter(({ alive }) => alive);
  }

  #freePid(): number {
    do this.#nextPid = this.#nextPid >= this.#lastPid ? FIRST_PID : this.#nextPid + 1;
    while (this.#isTaken(this.#nextPid));
    return this.#nextPid;
  }
  #isTaken(pid: number): boolean {
    const found = this.#byPid.get(pid);
    return found !== undefined && !found.isReaped;
  }
}
