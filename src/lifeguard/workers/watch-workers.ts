import { sleep } from '../../clock/clock.ts';
import type { PortWorker } from '../../host/host.ts';
import type { WorkerId } from '../../policy/event.ts';
import { mindsWorkers } from '../../policy/restarting/worker.ts';
import { incarnationOf, pidsOf } from '../looking/picture.ts';
import type { Desk, Watched } from '../watched.ts';
import { type Frozen, lookOnce, type Seen } from './frozen.ts';

/** How they are is looked at this often: 0.06 ms for two. */
export const LOOK_EVERY_MS = 2_500;
/** Who they are, so seldom: 2 to 7 ms for all backends together. One that is gone is missed at once. */
const FIND_EVERY_MS = 60_000;
/** In a start the workers come one after the other: found anew after this, and each time after twice as long. */
const FIND_AGAIN_MS = 2_000;
/** A parent that makes another worker does so within this. */
const REPLACED_WITHIN_MS = 5_000;
const LOOK_FOR_NEXT_MS = 500;
/** One that does not end, or is not to be ended, is told of again after this. */
const TELL_AGAIN_MS = 600_000;

/** What is known of the workers of one backend. */
interface Known {
  readonly incarnations: string;
  readonly foundAt: number;
  /** When they are found anew, ms later. */
  readonly againMs: number;
  readonly workers: readonly PortWorker[];
  readonly seen: Seen;
  /** When each that is frozen was told of, by pid and start time. */
  readonly told: ReadonlyMap<string, number>;
}

const NOTHING: Pick<Known, 'seen' | 'told' | 'againMs'> = { seen: new Map(), told: new Map(), againMs: FIND_AGAIN_MS / 2 };

/** Watches each of several workers behind one port: of one that is frozen no check tells, as the others answer. */
export interface WorkerWatch {
  /** To be called every {@link LOOK_EVERY_MS}; while one look lasts another does nothing. */
  look(): Promise<void>;
  /** Ends one worker; tells if none comes in its place. */
  end(watched: Watched, worker: WorkerId): Promise<void>;
}

export function watchWorkers(desk: Desk): WorkerWatch {
  const { host, clock } = desk.ports;
  const known = new Map<Watched, Known>();
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      await find([...desk.watched.values()].filter(isToBeFound));
      for (const [watched, of] of known) if (of.workers.length > 1) await lookAt(watched, of);
    } finally {
      looking = false;
    }
  }

  function isToBeFound(watched: Watched): boolean {
    const before = known.get(watched);
    const incarnations = incarnationsOf(watched);
    if ((watched.config.port !== null || pidsOf(watched.picture).length > 1) && incarnations !== '')
      return before?.incarnations !== incarnations || clock.now() - before.foundAt >= before.againMs;
    known.delete(watched);
    return false;
  }

  async function find(wanted: readonly Watched[]): Promise<void> {
    if (wanted.length === 0) return;
    const found = await host.portWorkersOf(wanted.map(({ config, picture }) => ({ port: config.port, pids: pidsOf(picture) })));
    for (const [i, watched] of wanted.entries()) {
      const before = known.get(watched);
      const incarnations = incarnationsOf(watched);
      const { seen, told, againMs } = before?.incarnations === incarnations ? before : NOTHING;
      const again = Math.min(FIND_EVERY_MS, 2 * againMs);
      known.set(watched, { incarnations, foundAt: clock.now(), againMs: again, workers: found[i] ?? [], seen, told });
    }
  }

  async function lookAt(watched: Watched, before: Known): Promise<void> {
    const workers = await host.lookAtWorkers(before.workers);
    const { seen, frozen } = lookOnce(before.seen, workers, clock.now());
    // One has gone: its parent makes another, or has.
    const isLess = workers.length < before.workers.length;
    const { foundAt, againMs } = isLess ? { foundAt: Number.NEGATIVE_INFINITY, againMs: NOTHING.againMs } : before;
    const told = mindsWorkers(desk.stateOf(watched)) ? tell(watched, frozen, before) : before.told;
    known.set(watched, { ...before, foundAt, againMs, workers, seen, told });
  }

  /** Each once, and again if it lasts. @returns when each was told */
  function tell(watched: Watched, frozen: readonly Frozen[], { told, workers }: Known): ReadonlyMap<string, number> {
    const now = clock.now();
    const next = new Map<string, number>();
    for (const { worker, since, text } of frozen) {
      const { pid, startTime } = worker;
      const id = `${pid}@${startTime}`;
      const before = told.get(id);
      const isNews = before === undefined || now - before >= TELL_AGAIN_MS;
      next.set(id, isNews ? now : before);
      const pmId = watched.picture.find((one) => one.phase === 'up' && one.pid === pid)?.pmId ?? null;
      const isParent = worker.role === 'parent';
      const trouble = { is: 'frozen', worker: { pid, startTime }, since, text, among: serving(workers), pmId, isParent } as const;
      if (isNews) desk.tell(watched, { type: 'worker', trouble });
    }
    return next;
  }

  async function end(watched: Watched, worker: WorkerId): Promise<void> {
    const count = () => serving(known.get(watched)?.workers ?? []);
    const before = count();
    const incarnations = incarnationsOf(watched);
    await host.endWorker(worker);
    const until = clock.now() + REPLACED_WITHIN_MS;
    while (clock.now() < until) {
      await sleep(clock, LOOK_FOR_NEXT_MS);
      if (incarnationsOf(watched) !== incarnations) return;
      await find([watched]);
      if (count() >= before) return;
    }
    desk.tell(watched, { type: 'worker', trouble: { is: 'not-replaced', worker } });
  }

  return { look, end };
}

/** How many of them take connections. */
function serving(workers: readonly PortWorker[]): number {
  return workers.filter(({ role }) => role === 'worker').length;
}

/** Of those of which the pids are known; '': none. */
function incarnationsOf({ picture }: Watched): string {
  return picture
    .filter(({ phase, pid }) => phase === 'up' && pid > 0)
    .map(incarnationOf)
    .join(' ');
}
