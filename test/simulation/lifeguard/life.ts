import type { Ports } from '../../../src/lifeguard/ports.ts';
import { createSupervisor, type Supervisor } from '../../../src/lifeguard/supervise.ts';
import { clientOver } from '../../../src/pm2/daemon/client.ts';
import { Pm2Error } from '../../../src/pm2/daemon/pm2-error.ts';
import { ownApps } from '../../../src/pm2/ownership/own-apps.ts';
import { recordOf } from '../../../src/pm2/ownership/record.ts';
import type { JournalEntry } from '../../../src/policy/action.ts';
import { type Call, DaemonWire } from '../pm2/daemon-wire.ts';
import type { BusPayload, God } from '../pm2/god.ts';
import { EventLoop } from '../time/event-loop.ts';
import type { World } from '../world/world.ts';
import { healthPort } from './health-port.ts';
import { hostPort } from './host-port.ts';

/** Nothing waits in this world. */
const NO_GATES: Ports['gates'] = {
  isOpen: () => true,
  open: () => {},
  close: () => {},
  isAsked: () => false,
  record: () => 'never',
  endEarlier: () => Promise.resolve(),
  before: () => ({ pid: null, failure: Promise.resolve(null), lastLines: () => [], cancel: () => {} }),
  tellLog: () => {},
  isLaunching: () => false,
};

/** Node's timers wait for so long at least. */
const LEAST_TIMER_MS = 1;

/** One life of lifeguard, from its start to its end. Once it is dead nothing of it reaches the world any more, whatever it was about to do. */
export class Life {
  readonly supervisor: Supervisor;
  readonly wire: DaemonWire;
  readonly loop: EventLoop;
  readonly startedAt: number;
  /** It has read PM2's list for the first time; null: not yet. */
  watchesSince: number | null = null;
  /** How often it may still touch the world before it is killed; null: it is not to be. */
  touchesLeft: number | null = null;
  isAlive = true;
  timersRun = 0;
  /** Calls of it that PM2 has not answered yet. */
  readonly open = new Set<Call>();
  readonly #world: World;

  constructor(world: World, god: God) {
    this.#world = world;
    this.startedAt = world.clock.now();
    this.loop = new EventLoop(world.clock);
    this.wire = new DaemonWire(god, {
      actor: 'lifeguard',
      chance: world.chance.wire,
      trouble: () => world.trouble,
      after: (ms, run) => this.after(ms, run),
      arrive: (ms, run) => this.arrive(ms, run),
      onCall: (call) => this.#onCall(call),
      onAnswer: (call, error) => this.#onAnswer(call, error),
      onBusTrouble: (payload) => this.#onBusTrouble(payload),
    });
    this.supervisor = createSupervisor(world.config, this.#ports(), () => world.endLifeguard('its daemon is gone'));
  }

  begin(): void {
    this.#world.tell({ type: 'lifeguard', what: 'started' });
    this.supervisor.start().then(
      () => {
        if (!this.isAlive) return;
        this.watchesSince = this.#world.clock.now();
        this.#world.tell({ type: 'lifeguard', what: 'watches' });
      },
      (error: unknown) => {
        if (!this.isAlive) return;
        // That PM2 does not answer is no fault of its own; anything else would keep it from ever watching.
        if (!(error instanceof Pm2Error)) this.#world.fail('never throws', null, String(error));
        this.#world.endLifeguard(`it could not start: ${String(error)}`);
      },
    );
  }

  /** A timer of lifeguard's. */
  after(delayMs: number, run: () => void): () => void {
    return this.loop.after(Math.max(LEAST_TIMER_MS, delayMs), () => {
      this.timersRun += 1;
      this.#guarded(run);
    });
  }

  /** Something comes in. */
  arrive(delayMs: number, run: () => void): void {
    this.loop.arrive(delayMs, () => this.#guarded(run));
  }

  /** It touches the world: false when it is dead, or dies of just this. */
  touch(): boolean {
    if (!this.isAlive) return false;
    if (this.touchesLeft === null) return true;
    this.touchesLeft -= 1;
    if (this.touchesLeft > 0) return true;
    this.#world.endLifeguard('killed in the middle of what it did');
    return false;
  }

  /** Nothing comes of it any more. */
  end(): void {
    this.isAlive = false;
    this.loop.end();
    this.wire.close();
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#world.fail('never throws', null, error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  #ports(): Ports {
    const world = this.#world;
    return {
      clock: {
        now: () => world.clock.now(),
        wallNow: () => world.clock.wallNow(),
        after: (ms, run) => this.after(ms, run),
      },
      pm2: ownApps(clientOver(this.wire), (app) => recordOf(app)?.file === world.config.owner),
      health: healthPort(world, this),
      host: hostPort(world, this),
      gates: NO_GATES,
      evidence: {
        before: (_backend, cause) =>
          cause === 'crash' || cause === 'operator'
            ? Promise.resolve()
            : new Promise((resolve) => this.arrive(world.lookUpMs(), resolve)),
      },
      journal: {
        write: (backend: string, entry: JournalEntry) => {
          if (this.touch()) world.tell({ type: 'journal', backend, entry });
        },
      },
      store: {
        load: () => Object.fromEntries([...world.store].map(([key, text]) => [key, JSON.parse(text)])),
        note: (key, value) => {
          if (this.touch()) world.store.set(key, JSON.stringify(value));
        },
        save: (values) => {
          if (this.touch()) for (const [key, value] of Object.entries(values)) world.store.set(key, JSON.stringify(value));
        },
      },
      seed: world.plan.seed,
      record: null,
      log: (text) => {
        if (this.isAlive) world.tell({ type: 'log', text });
      },
    };
  }

  #onCall(call: Call): boolean {
    if (call.method === 'getMonitorData') return this.isAlive;
    if (!this.touch()) return false;
    this.open.add(call);
    this.#world.tell({ type: 'call', call, backend: this.#world.backendOfPm2(call.pmId) });
    return true;
  }

  #onAnswer(call: Call, error: string | null): void {
    if (!this.open.delete(call)) return;
    this.#world.tell({ type: 'answer', call, backend: this.#world.backendOfPm2(call.pmId), error });
  }

  #onBusTrouble({ event, process }: BusPayload): void {
    this.#world.tell({
      type: 'bus-trouble',
      backend: this.#world.backendOfPm2(Number(process.pm_id)) ?? process.name,
      event,
      pmId: process.pm_id,
    });
  }
}
