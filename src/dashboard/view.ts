import type { StateName } from '../policy/state-name.ts';
import type { Condition } from './condition.ts';

/** What the page's process sends to a browser; the script there knows these types and nothing else of us. */
export interface View {
  /** Wall clock of this machine, ms: what ages are taken from. */
  readonly at: number;
  readonly machine: string;
  readonly version: string;
  /** A token is configured: with it something can be done here. */
  readonly canAct: boolean;
  readonly backends: readonly BackendView[];
  /** Newest first. */
  readonly events: readonly EventView[];
}

export interface BackendView {
  readonly name: string;
  readonly port: number | null;
  readonly state: StateName;
  readonly condition: Condition;
  /** In its state since, ms since 1970. */
  readonly since: number;
  /** Why nothing is done, what it waits for, or what the last failure was; null: all is well. */
  readonly reason: string | null;
  /** When something is due: a restart, a trial, the end of a pause; null: nothing. */
  readonly dueAt: number | null;
  /** Status code of the last check, or `timeout`, `refused` …; null: none. */
  readonly lastCheck: string | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly restarts: number;
  readonly maxRestarts: number;
  readonly dependencies: readonly { readonly name: string; readonly up: boolean | null }[];
  /** The incident that is open: its id; null: none. */
  readonly incident: string | null;
  /** The last 24 hours, oldest first, 16 minutes each. */
  readonly bars: readonly Bar[];
}

/** Seconds well, impaired, down; restarts; p95 in ms. Seconds in none of them were not observed. */
export type Bar = readonly [well: number, impaired: number, down: number, restarts: number, p95Ms: number | null];

/** A line of the journal. */
export interface EventView {
  readonly at: number;
  readonly backend: string;
  /** `restart`, `hold`, `give-up`, `recover` … */
  readonly what: string;
  readonly text: string;
  readonly incident: string;
  /** After it. */
  readonly condition: Condition;
}

/** What changed since the last message; what is not named is as it was. */
export interface Change {
  readonly at: number;
  /** Without bars: they are as they were. */
  readonly backends?: readonly (Omit<BackendView, 'bars'> & Partial<Pick<BackendView, 'bars'>>)[];
  readonly events?: readonly EventView[];
}

/** One backend, looked at more closely. */
export interface BackendDetail {
  readonly name: string;
  /** The last 30 days, oldest first. */
  readonly days: readonly { readonly day: string; readonly bar: Bar }[];
  /** The newest first. */
  readonly incidents: readonly IncidentSummary[];
}

export interface IncidentSummary {
  readonly id: string;
  readonly backend: string;
  readonly startedAt: number;
  readonly detectedAt: number;
  readonly endedAt: number | null;
  readonly open: boolean;
  /** Why, in a word. */
  readonly cause: string;
  /** What ended it: a restart, an operator, itself; `nobody`: it is open, or its end was not seen. */
  readonly cure: string;
  readonly restarts: number;
  readonly text: string;
}

export interface IncidentDetail extends IncidentSummary {
  readonly timeline: readonly (EventView & { readonly sinceFailureMs: number; readonly cause: string | null })[];
  /** The same failure before, this one included. */
  readonly seen: {
    readonly count: number;
    readonly medianMs: number | null;
    readonly cures: readonly string[];
    readonly others: readonly IncidentSummary[];
  };
  /** null: the token was not shown. */
  readonly evidence: readonly EvidenceFile[] | null;
}

export interface EvidenceFile {
  readonly name: string;
  readonly text: string;
}
