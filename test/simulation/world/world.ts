import type { WatchConfig } from '../../../src/config/resolved.ts';
import { RECORD_KEY } from '../../../src/pm2/ownership/record.ts';
import type { AppDeclaration } from '../../../src/pm2/types.ts';
import type { ExitInfo } from '../../../src/policy/event.ts';
import { Backend, type Ground } from '../backend/backend.ts';
import { Dependency } from '../backend/dependency.ts';
import { Chance } from '../chance.ts';
import { Life } from '../lifeguard/life.ts';
import { type End, Machine, type Program, type SimProcess } from '../machine/machine.ts';
import { PortTable } from '../machine/port-table.ts';
import type { Entry } from '../pm2/entry.ts';
import { God } from '../pm2/god.ts';
import type { Trouble } from '../pm2/trouble.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { configure } from './configure.ts';
import type { WorldEvent } from './event.ts';
import type { WorldPlan } from './plan.ts';

/** One invariant: it is told what happens, and looks around every second. It reports what is broken by {@link World.fail}. */
export interface Monitor {
  on?(event: WorldEvent): void;
  /** The answers of a backend may be others from now on. */
  onChange?(backend: Backend): void;
  look?(): void;
}

export interface Violation {
  readonly at: number;
  readonly invariant: string;
  readonly backend: string | null;
  readonly text: string;
}

/** 2026-11-24T00:00:00Z, when the wall clock begins. */
const WALL_START = Date.UTC(2026, 10, 24);
/** Monotonic ms at the beginning: a machine that has been up for a while. */
const START = 1_000_000;
const LOOK_EVERY_MS = 1_000;
/** Until PM2 has started lifeguard again, and it is loaded. */
const LIFEGUARD_STARTS_MS = { least: 300, most: 1_500 };
const NEIGHBOUR: Program = { begin() {}, onSignal: () => {}, onEnd() {} };

/** All that lifeguard lives in: a machine, PM2, backends and what they depend on; and lifeguard. Made from a plan, the same each time. */
export class World {
  readonly plan: WorldPlan;
  readonly clock = new VirtualClock(START, WALL_START - START);
  readonly chance: { readonly wire: Chance; readonly machine: Chance; readonly backend: Chance };
  readonly ground: Ground;
  readonly config: WatchConfig;
  readonly dependencies: readonly Dependency[];
  readonly backends: readonly Backend[];
  readonly byName: ReadonlyMap<string, Backend>;
  readonly monitors: Monitor[] = [];
  god: God | null = null;
  life: Life | null = null;
  /** What lifeguard has saved, by its keys, as JSON. */
  readonly store = new Map<string, string>();
  trouble: Trouble;
  /** Looking up why a process ended, or who holds a port, takes so long at most. */
  lookUpAtMostMs = 40;
  violation: Violation | null = null;
  /** Invariants that may be broken. */
  except: ReadonlySet<string> = new Set();
  readonly beganAt = START;
  readonly lastCheckAt = new Map<Backend, number>();
  checks = 0;
  readonly #apps: readonly AppDeclaration[];
  readonly #byTarget: ReadonlyMap<unknown, Backend>;
  readonly #ends = new Map<string, End>();

  constructor(plan: WorldPlan) {
    this.plan = plan;
    this.trouble = plan.trouble;
    this.chance = {
      wire: new Chance(plan.seed, 1),
      machine: new Chance(plan.seed, 2),
      backend: new Chance(plan.seed, 3),
    };
    const machine = new Machine(this.clock, plan.pids);
    this.ground = { clock: this.clock, machine, ports: new PortTable(), chance: this.chance.backend };
    this.dependencies = plan.dependencies.map((check, i) => new Dependency(`dependency-${i}`, check, this.clock));
    this.backends = plan.backends.map((each) => this.#backendFrom(each));
    this.byName = new Map(this.backends.map((backend) => [backend.plan.name, backend]));
    const { config, apps } = configure(plan);
    this.config = config;
    this.#apps = apps;
    this.#byTarget = new Map(
      config.backends.flatMap(({ name, targets }) => {
        const backend = this.byName.get(name);
        return backend ? [[targets.liveness, backend] as const] : [];
      }),
    );
  }

  begin(): void {
    this.startDaemon();
    const again = (): void => {
      for (const monitor of this.monitors) monitor.look?.();
      this.clock.after(LOOK_EVERY_MS, again);
    };
    this.clock.after(LOOK_EVERY_MS, again);
  }

  tell(event: WorldEvent): void {
    for (const monitor of this.monitors) monitor.on?.(event);
  }

  /** An invariant is broken: the first one is kept, and ends the world. */
  fail(invariant: string, backend: string | null, text: string): void {
    if (this.except.has(invariant)) return;
    this.violation ??= { at: this.clock.now(), invariant, backend, text };
  }

  /** A daemon comes up, with all apps and lifeguard. */
  startDaemon(): void {
    if (this.god) return;
    const god = new God({
      clock: this.clock,
      machine: this.ground.machine,
      chance: this.chance.machine,
      appOf: (entry) => this.#appOf(entry),
      programOf: (entry) => this.byName.get(this.#appOf(entry))?.startedFor(entry) ?? NEIGHBOUR,
      onStart: (entry, by) => this.tell({ type: 'start', backend: this.#appOf(entry), entry, by }),
      onExit: (entry, end) => this.#onExit(entry, end),
    });
    this.god = god;
    this.tell({ type: 'daemon', what: 'started' });
    for (const app of this.#apps) god.prepare(app, 'boot');
    this.startLifeguard();
  }

  /** kill -9 of the daemon. `withApps`: all that it started goes with it, as below systemd. */
  killDaemon(withApps: boolean): void {
    const { god, life } = this;
    if (!god) return;
    this.god = null;
    god.die();
    this.tell({ type: 'daemon', what: 'ended' });
    for (const process of this.ground.machine.all())
      if (withApps || this.byName.get(process.app)?.plan.endsWithDaemon) this.ground.machine.signal(process, 'SIGKILL');
    life?.wire.lose();
    if (this.life) this.endLifeguard('PM2 is gone');
  }

  /** `pm2 start ecosystem.config.ts` of one app that PM2 does not know any more. */
  startAgain(name: string): void {
    const app = this.#apps.find((each) => each.name === name);
    if (!this.god || !app || this.entriesOf(name).length > 0) return;
    this.tell({ type: 'operator', backend: name, what: 'start', pmId: null, isDone: false });
    this.god.prepare(app, 'operator', () =>
      this.tell({ type: 'operator', backend: name, what: 'start', pmId: null, isDone: true }),
    );
  }

  /** Nothing on this machine ran for so long. */
  leap(byMs: number): void {
    this.clock.leap(byMs);
    this.tell({ type: 'clock', what: 'leapt', byMs });
  }

  stepWall(byMs: number): void {
    this.clock.stepWall(byMs);
    this.tell({ type: 'clock', what: 'set', byMs });
  }

  /** As PM2 does after its end, or an operator: it is loaded for a while, then watches. */
  startLifeguard(afterMs = 0): void {
    const { god } = this;
    const { least, most } = LIFEGUARD_STARTS_MS;
    this.clock.after(afterMs + this.chance.machine.between(least, most), () => {
      if (god === null || this.god !== god || this.life) return;
      this.life = new Life(this, god);
      this.life.begin();
    });
  }

  /** Whatever it was doing. PM2 starts it again. */
  endLifeguard(how: string, afterMs = 100): void {
    const { life } = this;
    if (!life?.isAlive) return;
    life.end();
    this.life = null;
    this.tell({ type: 'lifeguard', what: 'ended', how });
    this.startLifeguard(afterMs);
  }

  /** lifeguard waits for PM2 to do something to this backend. */
  isHandled(name: string): boolean {
    return [...(this.life?.open ?? [])].some(({ pmId }) => this.backendOfPm2(pmId) === name);
  }

  backendAt(target: unknown): Backend {
    const found = this.#byTarget.get(target);
    if (!found) throw new Error(`a check of what is no backend: ${JSON.stringify(target)}`);
    return found;
  }

  /** The name of the app with this id of PM2's, ours or not; null: there is none. */
  backendOfPm2(pmId: number | null): string | null {
    const entry = pmId === null ? undefined : this.god?.db.get(pmId);
    return entry ? this.#appOf(entry) : null;
  }

  /** PM2's id of a process; null: it has none. */
  pm2IdOf(process: SimProcess): number | null {
    const id = this.entriesOf(process.app).find((entry) => entry.process === process)?.env.pm_id;
    return typeof id === 'number' ? id : null;
  }

  /** PM2's entries of one app. */
  entriesOf(name: string): Entry[] {
    return [...(this.god?.db.values() ?? [])].filter((entry) => this.#appOf(entry) === name);
  }

  onCheck(backend: Backend): void {
    this.checks += 1;
    this.lastCheckAt.set(backend, this.clock.now());
  }

  lookUpMs(): number {
    return this.chance.wire.between(1, this.lookUpAtMostMs);
  }

  memoryOf(pid: number): number {
    const process = this.ground.machine.at(pid);
    const backend = process && this.byName.get(process.app);
    return 50_000_000 + (backend?.extraMemoryBytes ?? 0);
  }

  exitInfo(name: string, pmId: number): ExitInfo {
    const end = this.#ends.get(`${name} ${pmId}`);
    const lastError = this.byName.get(name)?.lastError ?? null;
    return { code: end?.signal ? null : (end?.code ?? null), signal: end?.signal ?? null, oom: false, lastError };
  }

  #onExit(entry: Entry, end: End): void {
    const app = this.#appOf(entry);
    this.#ends.set(`${app} ${entry.env.pm_id}`, end);
    this.tell({ type: 'exit', backend: app, entry, end });
  }

  /** The app's name; of one that is not ours, something else. */
  #appOf({ env }: Entry): string {
    return env[RECORD_KEY]?.file === this.config.owner ? env.name : `${env.name} of others`;
  }

  #backendFrom(plan: WorldPlan['backends'][number]): Backend {
    const dependency = plan.dependency === null ? null : (this.dependencies[plan.dependency] ?? null);
    const backend: Backend = new Backend(plan, dependency, this.ground, () => {
      for (const monitor of this.monitors) monitor.onChange?.(backend);
    });
    return backend;
  }
}
