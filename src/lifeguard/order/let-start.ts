import type { Dependency, WatchedBackend } from '../../config/resolved.ts';
import { neededBackend } from '../../pm2/apps/start-order.ts';
import { isGated } from '../../pm2/gate/waits.ts';
import type { Command } from '../../policy/event.ts';
import type { Seen } from '../looking/picture.ts';
import { apart, type Desk, type Watched } from '../watched.ts';
import { childrenAtGate, type Waiting } from './at-gate.ts';
import { preparationsOf } from './run-before.ts';
import { unmet } from './unmet.ts';

/** How often what waits is looked at: one comparison for each that does. */
const LOOK_EVERY_MS = 200;
/** Where nobody is to wait for anybody, as each time that this process wakes has its price. */
const CALM_EVERY_MS = 1_000;

/** How often those are to be looked at that wait at their gates, and those that are restarted with others. */
export function letStartEveryMs(backends: readonly WatchedBackend[]): number {
  const isOrdered = backends.some((one) => isGated(one) || one.dependencies.some(({ restartWith }) => restartWith));
  return isOrdered ? LOOK_EVERY_MS : CALM_EVERY_MS;
}
/** What is not a backend of ours is asked so often. */
const ASK_EVERY_MS = 500;

const JOB_AGAIN: Command = {
  name: 'restart',
  reason: { code: 'job-again', text: 'It is a job that was last done before PM2 was started: it is run again.' },
};

/** Lets those start that wait at their gates, as soon as all that their start depends on is there. */
export interface LetStart {
  /** To be called every {@link letStartEveryMs}. */
  look(): void;
  /** At lifeguard's start: a job that was done in an earlier boot, and that PM2 has saved as stopped, is run again. */
  runJobsAgain(): void;
  /** Ends what is being run before a start. */
  stop(): void;
}

export function letStart(desk: Desk): LetStart {
  const { clock, gates } = desk.ports;
  const preparations = preparationsOf(desk);
  const busy = new Set<Watched>();
  const askedAt = new Map<Watched, number>();

  async function advance(watched: Watched): Promise<void> {
    busy.add(watched);
    try {
      const forWhat = gates.isLaunching() ? 'waits for a lifeguard start or stop that is at work' : await firstUnmet(watched);
      const { waiting } = watched;
      if (waiting === null) return;
      if (forWhat !== null) watched.waiting = { ...waiting, forWhat };
      else if (preparations.areDone(watched, waiting)) open(watched, waiting);
    } finally {
      busy.delete(watched);
    }
  }

  async function firstUnmet(watched: Watched): Promise<string | null> {
    for (const dependency of watched.config.dependencies) {
      const missing = dependency.start === null ? null : await unmetOf(watched, dependency);
      if (missing !== null) return missing;
    }
    return null;
  }

  async function unmetOf(watched: Watched, dependency: Dependency): Promise<string | null> {
    const backend = neededBackend(dependency.check);
    if (backend !== null) {
      const other = desk.watched.get(backend);
      return unmet(dependency, { is: 'backend', backend, state: other === undefined ? null : desk.stateOf(other) });
    }
    const watch = watched.dependencies.find(({ name }) => name === dependency.name)?.watch;
    if (watch === undefined) return null;
    const isRecent = clock.now() - (askedAt.get(watched) ?? Number.NEGATIVE_INFINITY) < ASK_EVERY_MS;
    const answer = isRecent && watch.last !== null && !watch.last.up ? watch.last : await watch.ask();
    if (!isRecent) askedAt.set(watched, clock.now());
    return unmet(dependency, { is: 'other', answer });
  }

  /** The launcher sees it within 0.2 s; its program has its `startup_timeout` from now on. */
  function open(watched: Watched, waiting: Waiting): void {
    gates.open(waiting.gate);
    watched.through = { incarnation: waiting.incarnation, at: clock.now() };
    desk.tell(watched, { type: 'processes', children: childrenAtGate(watched, gates), ended: [], byHand: [] });
    desk.ports.log(`${watched.config.name}: let start`);
  }

  return {
    stop: preparations.stop,
    runJobsAgain() {
      for (const watched of desk.watched.values()) {
        const { picture, config } = watched;
        const isOld = ({ gate, phase }: Seen) => gate !== null && phase === 'stopped' && gates.record(gate) === 'before';
        if (config.once && picture.some(isOld)) desk.tell(watched, { type: 'command', command: JOB_AGAIN });
      }
    },
    look() {
      preparations.endVain();
      for (const watched of desk.watched.values())
        if (watched.waiting !== null && !busy.has(watched)) apart(desk, watched, () => advance(watched));
    },
  };
}
