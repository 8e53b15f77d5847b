import { every } from '../clock/clock.ts';
import type { WatchConfig } from '../config/resolved.ts';
import type { BusEvent } from '../pm2/types.ts';
import type { Action, EndOrphanAction } from '../policy/action.ts';
import type { Command, Event } from '../policy/event.ts';
import { recordLine, recordOpening } from '../policy/replay.ts';
import type { BackendState } from '../policy/state.ts';
import type { StateName } from '../policy/state-name.ts';
import { cadence } from '../policy/timing/cadence.ts';
import { nextTickMs } from '../policy/timing/next-tick.ts';
import { createFleet, decideFleet, type Fleet, stateOf } from '../policy/together/fleet.ts';
import { clearUp, endOrphan } from './clear-up.ts';
import { withMemoryLimit } from './held-to.ts';
import { askDependencies } from './looking/ask-dependencies.ts';
import { watchCpu } from './looking/cpu.ts';
import { watchDependencies } from './looking/dependency-watch.ts';
import { restedly, sharedLists } from './looking/lists.ts';
import { looksOf } from './looking/look.ts';
import { watchMemory } from './looking/memory.ts';
import { memoryOf } from './memory.ts';
import { carryOut } from './operate.ts';
import { letStart, letStartEveryMs } from './order/let-start.ts';
import { restartWith } from './order/restart-with.ts';
import type { Ports } from './ports.ts';
import { checkOnce } from './round.ts';
import { type BackendStatus, statusOf } from './status.ts';
import { togetherWithOthers } from './together.ts';
import { apart, type Desk, type Watched, watchedFrom } from './watched.ts';
import { LOOK_EVERY_MS, watchWorkers } from './workers/watch-workers.ts';

/** Facts in, `decide`, actions out. */
export interface Supervisor {
  readonly names: readonly string[];
  /** Takes up what a predecessor left, reads the daemon's list, then watches. @throws Pm2Error when the daemon does not answer */
  start(): Promise<void>;
  /** Ends all timers and saves the state. */
  stop(): void;
  status(name: string): BackendStatus;
  /** The state alone: a hundredth of the work. */
  state(name: string): StateName;
  /** Checks a backend now, whatever its state; resolves with its status afterwards. */
  check(name: string): Promise<BackendStatus>;
  command(name: string, command: Command): BackendStatus;
}

const USAGE_EVERY_MS = 5_000;
const KEEP_EVERY_MS = 10_000;
/** The bus tells everything; the list is read this often in case a message was lost. */
const LIST_EVERY_MS = 30_000;
/** A look that failed is not repeated at once. */
const LOOK_AGAIN_MS = 1_000;

/** @param onLost is called once when the daemon is gone: two lifeguards must never drive one backend, so this one has to end. */
export function createSupervisor(config: WatchConfig, ports: Ports, onLost: () => void): Supervisor {
  const { clock, log } = ports;
  const dependenciesOf = watchDependencies(config.backends, ports, (name) => stateOf(fleet, name) ?? null);
  const watched = new Map(config.backends.map((backend) => [backend.name, watchedFrom(backend, dependenciesOf(backend))]));
  const desk: Desk = { ports, watched, tell, stateOf: currentState };
  const looks = looksOf(desk, sharedLists(ports.pm2, clock));
  const workers = watchWorkers(desk);
  const starts = letStart(desk);
  const restartsWith = restartWith(desk);
  const lookAtCpu = watchCpu(desk);
  const lookAtMemory = watchMemory(desk, (name, limitBytes) => {
    fleet = withMemoryLimit(fleet, name, limitBytes);
  });
  const memory = memoryOf(ports.store, config.backends, clock, log);
  let fleet: Fleet = createFleet(config.backends, clock.now(), ports.seed);
  let endings: readonly (() => void)[] = [];
  let running = false;

  function tell(w: Watched, event: Event): void {
    if (!running) return;
    const now = clock.now();
    const { shared } = fleet;
    w.decidedAt = now;
    const decided = decideFleet(fleet, w.config.name, event, now);
    ports.record?.(recordLine(now, w.config.name, event, decided.actions));
    fleet = decided.fleet;
    if (fleet.shared !== shared) memory.noteShared(fleet);
    for (const { backend, action } of decided.actions) take(get(backend), action);
    for (const peer of decided.checkNow) apart(desk, get(peer), () => checkOnce(desk, get(peer)));
    for (const { backend } of decided.actions) if (backend !== w.config.name) arm(get(backend));
    arm(w);
  }

  function take(w: Watched, action: Action): void {
    switch (action.type) {
      case 'journal': {
        const { what, reason } = action.entry;
        ports.journal.write(w.config.name, action.entry);
        log(`${w.config.name}: ${what}: ${reason.text}`);
        return;
      }
      case 'operation':
        // What is about to be done must be known to a successor before it is done.
        memory.note(fleet, w.config.name);
        apart(desk, w, () => carryOut(desk, w, action, () => looks.readProcesses(w)));
        return;
      case 'end-orphan':
        apart(desk, w, () => freePort(w, action));
        return;
      case 'end-worker':
        memory.note(fleet, w.config.name);
        apart(desk, w, () => ports.evidence.before(w.config.name, 'hang').then(() => workers.end(w, action.worker)));
    }
  }

  async function freePort(w: Watched, { holder }: EndOrphanAction): Promise<void> {
    await endOrphan(desk, w, holder);
    await looks.look(w);
  }

  /** Sets the timers of what is next: a check, a look, a moment at which time alone changes something. */
  function arm(w: Watched): void {
    if (!running) return;
    const state = currentState(w);
    const now = clock.now();
    const next = cadence(state, w.config.policy, w.inFlight, now);
    set(w, 'check', withOthers(w, state, next.nextCheckInMs, now), () => {
      apart(desk, w, () => checkOnce(desk, w));
      arm(w);
    });
    set(w, 'dependencies', next.nextDependencyCheckInMs, () => apart(desk, w, () => askDependencies(desk, w)));
    if (!w.looking) set(w, 'look', next.nextLookInMs, () => apart(desk, w, () => lookAgain(w)));
    set(w, 'tick', nextTickMs(state, w.config.policy, now), () => tell(w, { type: 'tick' }));
  }

  async function lookAgain(w: Watched): Promise<void> {
    w.looking = true;
    try {
      await looks.look(w);
      w.looking = false;
      arm(w);
    } catch (error) {
      clock.after(LOOK_AGAIN_MS, () => {
        w.looking = false;
        arm(w);
      });
      throw error;
    }
  }

  function withOthers(w: Watched, { name }: BackendState, delayMs: number | null, now: number): number | null {
    if (delayMs === null || name !== 'healthy' || w.inFlight.size > 0) return delayMs;
    const place = fleet.index.get(w.config.name) ?? 0;
    return togetherWithOthers(delayMs, now, { intervalMs: w.config.policy.intervalMs, place, size: watched.size });
  }

  function onBus(event: BusEvent): void {
    if (!running) return;
    if (event.type === 'process') {
      looks.hear(event);
      return;
    }
    stop();
    onLost();
  }

  async function start(): Promise<void> {
    fleet = memory.recall(fleet);
    ports.record?.(recordOpening(fleet, clock.now()));
    running = true;
    await ports.pm2.onEvent(onBus);
    await looks.readAll(true);
    starts.runJobsAgain();
    void clearUpAll();
    endings = [
      every(clock, letStartEveryMs(config.backends), () => {
        starts.look();
        restartsWith();
      }),
      every(clock, USAGE_EVERY_MS, () => void lookAtMemory().catch(complain)),
      every(clock, USAGE_EVERY_MS, () => void lookAtCpu().catch(complain)),
      every(clock, LOOK_EVERY_MS, () => void workers.look().catch(complain)),
      every(clock, KEEP_EVERY_MS, () => memory.keep(fleet)),
      every(
        clock,
        LIST_EVERY_MS,
        restedly(clock, () => looks.readAll(false).catch(complain)),
      ),
    ];
  }

  /** What ended while nobody watched may have left something behind, which would share the port with what runs. */
  async function clearUpAll(): Promise<void> {
    for (const w of watched.values()) if (running) await clearUp(desk, w);
  }

  function complain(error: unknown): void {
    log(error instanceof Error ? error.message : String(error));
  }

  function stop(): void {
    if (!running) return;
    memory.save(fleet);
    running = false;
    for (const end of endings) end();
    starts.stop();
    for (const { timers } of watched.values()) for (const cancel of Object.values(timers)) cancel?.();
  }

  function currentState(w: Watched): BackendState {
    const state = stateOf(fleet, w.config.name);
    if (!state) throw new Error(`no state of ${w.config.name}`);
    return state;
  }

  function get(name: string): Watched {
    const found = watched.get(name);
    if (!found) throw new Error(`no backend is called ${name}; there are: ${[...watched.keys()].join(', ')}`);
    return found;
  }

  function set(w: Watched, which: keyof Watched['timers'], inMs: number | null, work: () => void): void {
    w.timers[which]?.();
    w.timers[which] = inMs === null ? undefined : clock.after(inMs, work);
  }

  const status = (name: string): BackendStatus => statusOf(get(name), currentState(get(name)), clock);
  return {
    names: [...watched.keys()],
    start,
    stop,
    status,
    state: (name) => currentState(get(name)).name,
    async check(name) {
      await checkOnce(desk, get(name));
      return status(name);
    },
    command(name, command) {
      tell(get(name), { type: 'command', command });
      // A pause must not be forgotten, or remembered after its end, because lifeguard is killed now.
      memory.note(fleet, name);
      return status(name);
    },
  };
}
