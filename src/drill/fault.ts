import type { WatchedBackend } from '../config/resolved.ts';
import type { Host } from '../host/host.ts';
import type { IncidentRecord } from '../incidents/journal.ts';
import type { Pm2Process } from '../pm2/types.ts';
import type { Cause } from '../policy/policy.ts';
import type { Undoing } from './note.ts';

export type FaultName =
  | 'crash'
  | 'hang'
  | 'freeze'
  | '503'
  | 'dependency-down'
  | 'crash-loop'
  | 'port-taken'
  | 'memory'
  | 'disk-full';

/** A fault that can be brought about on a running backend without touching its code. */
export interface Fault {
  readonly name: FaultName;
  /** What is done, for people, as the end of "this will …". */
  readonly what: string;
  /** What lifeguard restarts it for: where `restart.on` can name it, it has to. null: for nothing. */
  readonly cause: Cause | null;
  /** Only what is asked for its health shows it. */
  readonly showsInChecks: boolean;
  /** Looks at what it would be done to; touches nothing. A text: why it can't be brought about here. */
  prepare(stage: Stage): Promise<Attempt | string>;
}

/** What a fault is brought about on. */
export interface Stage {
  readonly backend: WatchedBackend;
  /** What PM2 runs of it. */
  readonly pids: readonly number[];
  /** The project's apps beside the backends, by their names in PM2. */
  readonly companions: readonly string[];
  readonly host: Host;
  /** PM2's list as it is now. */
  readonly apps: () => Promise<readonly Pm2Process[]>;
  /** To the bitter end, where a fault has one. */
  readonly isFull: boolean;
}

/** One fault that is about to be brought about. */
export interface Attempt {
  /** Is on the disk before anything is done. */
  readonly undoing: Undoing;
  /** Processes that do not outlive it; more of them may join. */
  readonly doomed: ReadonlySet<number>;
  /** It may last longer than a restart, by so much, ms. */
  readonly lastsMs?: number;
  /** Does it. @returns what was done, for people @throws Error where it does not succeed */
  bring(): Promise<string>;
  /** Asked again and again: whether it has been there long enough and is to be taken away. Absent: what cures it is the restart. */
  isOver?(so: Sofar): Promise<boolean>;
  /** It is over as soon as lifeguard has restarted what is doomed: no more of a cure than any restart. */
  readonly endsWithRestart?: true;
  /** Lets go of what only this process holds; may be called twice. */
  end?(): Promise<void>;
}

/** What came of it until now. */
export interface Sofar {
  readonly sinceMs: number;
  /** Of the journal, about this backend since the fault. */
  readonly records: readonly IncidentRecord[];
}

/** How long ago the first line of this kind was written; null: it was not. */
export function sinceFirst(records: readonly IncidentRecord[], what: IncidentRecord['what']): number | null {
  const first = records.find((record) => record.what === what);
  return first === undefined ? null : Date.now() - Date.parse(first.time);
}
