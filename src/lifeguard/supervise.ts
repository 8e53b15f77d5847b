import type { WatchConfig } from '../config/resolved.ts';
import type { BusEvent } from '../pm2/types.ts';
import type { Action } from '../policy/action.ts';
import { cadence } from '../policy/cadence.ts';
import type { Command, Event } from '../policy/event.ts';
import { createFleet, decideFleet, type Fleet, stateOf } from '../policy/fleet.ts';
import { nextTickMs } from '../policy/next-tick.ts';
import { recordLine, recordOpening } from '../policy/replay.ts';
import type { BackendState } from '../policy/state.ts';
import type { StateName } from '../policy/state-name.ts';
import { beingStopped } from './being-stopped.ts';
import { watchDependencies } from './dependency-watch.ts';
import { followBus, readList } from './follow-pm2.ts';
import { startLooking } from './looks.ts';
import { type DrivingAction, perform } from './perform.ts';
import type { Ports } from './ports.ts';
import { incarnationOf, processesUp } from './processes.ts';
import { askDependencies, checkOnce } from './round.ts';
import { fleetFromStore, fleetToStore } from './snapshots.ts';
import { type BackendStatus, statusOf } from './status.ts';
import { togetherWithOthers } from './together.ts';
import { type Desk, type Watched, watchedFrom } from './watched.ts';

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

/** @param onLost is called once when the daemon is gone: two lifeguards must never drive one backend, so this one has to end. */
export function createSupervisor(config: WatchConfig, ports: Ports, onLost: () => void): Supervisor {
  const { clock } = ports;
  const dependenciesOf = watchDependencies(config.backends, ports);
  const watched = new Map(config.backends.map((backend) => [backend.name, watchedFrom(backend, dependenciesOf(backend))]));
  const desk: Desk = { ports, watched, tell, stateOf: currentState, isBeingStopped: beingStopped(ports) };
  let fleet: Fleet = createFleet(config.backends, clock.now(), ports.seed);
  let stopLooking = () => {};
  let running = false;

  function tell(w: Watched, event: Event): void {
    if (!running) return;
    const now = clock.now();
    const decided = decideFleet(fleet, w.config.name, event, now);
    ports.record?.(recordLine(now, w.config.name, event, decided.actions));
    fleet = decided.fleet;
    for (const { backend, action } of decided.actions) take(get(backend), action);
    for (const peer of decided.checkNow) void checkOnce(desk, get(peer));
    for (const { backend } of decided.actions) if (backend !== w.config.name) arm(get(backend));
    arm(w);
  }

  function take(w: Watched, action: Action): void {
    if (action.type !== 'journal') {
      w.actions = w.actions.then(() => drive(w, action));
      return;
    }
    const { what, reason } = action.entry;
    ports.journal.write(w.config.name, action.entry);
    ports.log(`${w.config.name}: ${what}: ${reason.text}`);
  }

  async function drive(w: Watched, action: DrivingAction): Promise<void> {
    if (!running) return;
    // What is about to be done must be known to a successor before it is done.
    save();
    w.acting = action;
    if (action.type !== 'start') for (const { pmId, startedAt } of processesUp(w.view)) w.ended.add(`${pmId}@${startedAt}`);
    const fact = await perform(w.config.name, action, ports);
    w.acting = null;
    tell(w, fact);
    // What the bus told meanwhile has no pids.
    await readList(desk, [w]).catch((error: unknown) => ports.log(String(error)));
  }

  /** Sets the timers of what is next: a check, a look at the dependencies, a moment at which time alone changes something. */
  function arm(w: Watched): void {
    if (!running) return;
    const state = currentState(w);
    const now = clock.now();
    const { nextCheckInMs, nextDependencyCheckInMs } = cadence(state, w.config.policy, w.inFlight, now);
    set(w, 'check', incarnationOf(w.view) === null ? null : withOthers(w, state, nextCheckInMs, now), () => {
      void checkOnce(desk, w);
      arm(w);
    });
    set(w, 'dependencies', nextDependencyCheckInMs, () => void askDependencies(desk, w));
    set(w, 'tick', nextTickMs(state, w.config.policy, now), () => tell(w, { type: 'tick' }));
  }

  function withOthers(w: Watched, { name }: BackendState, delayMs: number | null, now: number): number | null {
    if (delayMs === null || name !== 'healthy' || w.inFlight.size > 0) return delayMs;
    const place = fleet.index.get(w.config.name) ?? 0;
    return togetherWithOthers(delayMs, now, { intervalMs: w.config.policy.intervalMs, place, size: watched.size });
  }

  function onBus(event: BusEvent): void {
    if (!running) return;
    if (event.type === 'process') {
      followBus(desk, event);
      return;
    }
    stop();
    onLost();
  }

  async function start(): Promise<void> {
    fleet = fleetFromStore(fleet, ports.store.load(), config.backends, clock, ports.log);
    ports.record?.(recordOpening(fleet, clock.now()));
    running = true;
    await ports.pm2.onEvent(onBus);
    await readList(desk, watched.values());
    for (const w of watched.values()) arm(w);
    stopLooking = startLooking(desk, save);
  }

  function stop(): void {
    if (!running) return;
    save();
    running = false;
    stopLooking();
    for (const { timers } of watched.values()) for (const cancel of Object.values(timers)) cancel?.();
  }

  function save(): void {
    ports.store.save(fleetToStore(fleet, clock));
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
      return status(name);
    },
  };
}
