import type { IncidentRecord } from '../../incidents/journal.ts';
import type { FaultName } from '../fault.ts';
import type { Told } from './told.ts';

/** One request of the drill's own. Wall clock, ms. */
export interface Asked {
  readonly at: number;
  readonly ok: boolean;
}

/** A fault that could not be brought about here, and why. */
export interface Skipped {
  readonly fault: FaultName;
  readonly backend: string;
  readonly why: string;
}

/** What a drill measured. Milliseconds since the fault was brought about; null: it did not come to that. */
export interface Figures {
  readonly fault: FaultName;
  readonly backend: string;
  /** ISO 8601. */
  readonly at: string;
  /** Seen by lifeguard: its first word of it in the journal. */
  readonly detectMs: number | null;
  /** The drill itself took the fault away; null: it left that to the restart. */
  readonly liftedMs: number | null;
  /** Its restart. */
  readonly actMs: number | null;
  /** From when on every request was answered again. */
  readonly healthyMs: number | null;
  readonly asked: number;
  readonly failed: number;
  readonly restarts: number;
  /** What became of the alerts about it, by channel; null: none is configured. Absent in reports of before. */
  readonly alert?: Told[] | 'gathering' | null;
  /** Nothing is left of it: healthy, the budget whole, no process stopped, no other app another process. */
  readonly asBefore: boolean;
}

/** @param records of the backend, since the fault. Pure */
export function figuresOf(
  { liftedAt, at, ...rest }: Pick<Figures, 'fault' | 'backend' | 'asBefore'> & { at: number; liftedAt: number | null },
  records: readonly IncidentRecord[],
  asked: readonly Asked[],
): Figures {
  const since = (record: IncidentRecord | undefined) => (record === undefined ? null : Math.max(0, Date.parse(record.time) - at));
  const restarts = records.filter(({ what, cause }) => what === 'restart' && cause !== 'operator');
  return {
    ...rest,
    at: new Date(at).toISOString(),
    detectMs: since(records.find(({ what }) => what === 'fail' || what === 'hold' || what === 'blocked')),
    liftedMs: liftedAt === null ? null : liftedAt - at,
    actMs: since(restarts[0]),
    healthyMs: healthyAfter(asked, at),
    asked: asked.length,
    failed: asked.filter(({ ok }) => !ok).length,
    restarts: restarts.length,
  };
}

/** The first answer after the last failure; 0 where nobody noticed anything. */
function healthyAfter(asked: readonly Asked[], at: number): number | null {
  const sorted = asked.toSorted((a, b) => a.at - b.at);
  const last = sorted.findLastIndex(({ ok }) => !ok);
  if (last < 0) return sorted.length === 0 ? null : 0;
  const next = sorted[last + 1];
  return next === undefined ? null : Math.max(0, next.at - at);
}
