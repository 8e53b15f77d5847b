import type { PortWorker } from '../../host/host.ts';

/** As long as this it may be stopped for a moment, or be busy with one request. */
const FROZEN_MS = 8_000;
/** A worker that takes one connection at a time may be in the middle of a long request. */
const DEAF_MS = 15_000;

/** What was seen of the workers of one port so far, by pid. */
export type Seen = ReadonlyMap<number, SeenWorker>;

interface SeenWorker {
  readonly worker: PortWorker;
  /** Monotonic ms: since when each was so at every look; null: it is not. */
  readonly stoppedSince: number | null;
  readonly stuckSince: number | null;
  readonly deafSince: number | null;
}

/** One that does not go on. `text`: as the end of a sentence that begins with "one of its workers", or "its parent process". */
export interface Frozen {
  readonly worker: PortWorker;
  readonly since: number;
  readonly text: string;
}

/**
 * What one more look at the workers tells. Certain is what somebody stopped (SIGSTOP), what does not come back from the kernel, and what lets
 * connections wait in a queue of its own. Of the others nothing is known: see docs/decisions/one-frozen-among-several.md. Where no worker is
 * left that goes on, the checks tell. A parent is asked for nothing: of it only that it is stopped is certain.
 */
export function lookOnce(before: Seen, workers: readonly PortWorker[], now: number): { seen: Seen; frozen: readonly Frozen[] } {
  // Where all are overloaded, all queues are long.
  const isCalm = workers.some(({ shared, waiting }) => !shared && waiting === 0);
  const seen = new Map(workers.map((worker) => [worker.pid, follow(before.get(worker.pid), worker, isCalm, now)]));
  const frozen = [...seen.values()].flatMap((one) => frozenSince(one, now) ?? []);
  const stillServing = workers.filter(({ role, pid }) => role === 'worker' && frozen.every((one) => one.worker.pid !== pid));
  return { seen, frozen: stillServing.length > 0 ? frozen : [] };
}

function follow(before: SeenWorker | undefined, worker: PortWorker, isCalm: boolean, now: number): SeenWorker {
  const same = before?.worker.startTime === worker.startTime ? before : undefined;
  const stands = same !== undefined && same.worker.cpuMs === worker.cpuMs;
  const isDeaf = isCalm && !worker.shared && worker.waiting > 0 && (same === undefined || worker.waiting >= same.worker.waiting);
  return {
    worker,
    stoppedSince: worker.state === 'T' ? ((stands ? same.stoppedSince : null) ?? now) : null,
    stuckSince: worker.state === 'D' ? ((stands ? same.stuckSince : null) ?? now) : null,
    deafSince: isDeaf ? (same?.deafSince ?? now) : null,
  };
}

function frozenSince({ worker, stoppedSince, stuckSince, deafSince }: SeenWorker, now: number): Frozen | null {
  const isLong = (since: number | null, ms = FROZEN_MS): since is number => since !== null && now - since >= ms;
  const others = worker.role === 'parent' ? 'its workers' : 'the others';
  if (isLong(stoppedSince)) return { worker, since: stoppedSince, text: `is stopped (SIGSTOP) while ${others} serve` };
  if (worker.role === 'parent') return null;
  if (isLong(stuckSince)) return { worker, since: stuckSince, text: 'is stuck in the kernel while the others serve' };
  if (isLong(deafSince, DEAF_MS))
    return { worker, since: deafSince, text: `lets ${worker.waiting} connections wait and takes none` };
  return null;
}
