import type { IncidentRecord } from '../../incidents/journal.ts';
import type { LogEvent } from '../../logs/log-event.ts';
import type { Observation } from '../../policy/observation.ts';
import type { Cause } from '../../policy/policy.ts';
import { Buckets, CHECK_BOUNDS, RECOVERY_BOUNDS } from './distribution.ts';
import type { BackendFigures, RotationFigures } from './figures.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

type Counted = Pick<BackendFigures, 'checks' | 'durations' | 'lastCheckAt' | 'restarts' | 'recoveries'>;

/** All of them begin at 0: a counter that appears with its first event hides that event from rate(). */
const NO_RESTARTS: Readonly<Record<Cause, number>> = {
  crash: 0,
  hang: 0,
  unreachable: 0,
  '503': 0,
  memory: 0,
  cpu: 0,
  operator: 0,
};

/** Counters beside the checks: a few additions for each check, and nothing is made into text before somebody asks. */
export interface Counting {
  onCheck(backend: string, observation: Pick<Observation, 'liveness' | 'readiness'>, wallNow: number): void;
  onRecord(record: IncidentRecord): void;
  onLogEvent(event: LogEvent): void;
  backend(name: string): Counted;
  rotation(): RotationFigures;
}

export function startCounting(names: readonly string[]): Counting {
  const tallies = new Map(names.map((name) => [name, new Tally()]));
  const rotation = { rotated: 0, unverified: 0, failed: 0, archivedBytes: 0 };
  return {
    onCheck: (backend, observation, wallNow) => tallies.get(backend)?.check(outcomeOf(observation), wallNow),
    onRecord: (record) => tallies.get(record.backend)?.record(record),
    onLogEvent(event) {
      if (event.kind === 'rotated' || event.kind === 'unverified' || event.kind === 'failed') rotation[event.kind] += 1;
      if (event.kind === 'archived') rotation.archivedBytes += event.bytes;
    },
    backend: (name) => (tallies.get(name) ?? new Tally()).read(),
    rotation: () => ({ ...rotation }),
  };
}

/** What happened to one backend since lifeguard's start. */
class Tally {
  readonly #checks = new Map<string, { readonly result: Outcome['result']; readonly reason: string; count: number }>([
    ['success ok', { result: 'success', reason: 'ok', count: 0 }],
  ]);
  readonly #durations = new Buckets(CHECK_BOUNDS);
  readonly #recoveries = new Buckets(RECOVERY_BOUNDS);
  readonly #restarts = { ...NO_RESTARTS };
  #lastCheckAt: number | null = null;

  check({ result, reason, seconds }: Outcome, wallNow: number): void {
    const key = `${result} ${reason}`;
    const counted = this.#checks.get(key);
    if (counted) counted.count += 1;
    else this.#checks.set(key, { result, reason, count: 1 });
    if (result === 'void') return;
    this.#lastCheckAt = wallNow;
    if (seconds !== null) this.#durations.add(seconds);
  }

  record({ what, cause, sinceFailureMs }: IncidentRecord): void {
    if (what === 'restart' && cause !== null) this.#restarts[cause] += 1;
    if (what === 'recover') this.#recoveries.add(sinceFailureMs / 1_000);
  }

  read(): Counted {
    return {
      checks: [...this.#checks.values()].map((counted) => ({ ...counted })),
      durations: this.#durations.read(),
      lastCheckAt: this.#lastCheckAt,
      restarts: { ...this.#restarts },
      recoveries: this.#recoveries.read(),
    };
  }
}
