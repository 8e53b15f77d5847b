import type { Cause } from '../../policy/policy.ts';
import type { StateName } from '../../policy/state-name.ts';
import type { Distribution } from './distribution.ts';
import type { CheckResult } from './outcome.ts';

/** What lifeguard has counted since its start, and how things are now: what /metrics is made of. Plain JSON. */
export interface Figures {
  readonly lifeguard: OwnFigures;
  readonly backends: readonly BackendFigures[];
  readonly channels: readonly ChannelFigures[];
  readonly rotation: RotationFigures;
}

export interface OwnFigures {
  readonly version: string;
  readonly node: string;
  /** Wall clock, ms. */
  readonly startedAt: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  /** The worst lateness of a timer within the last minute, seconds. */
  readonly loopDelaySeconds: number;
}

export interface BackendFigures {
  readonly name: string;
  readonly state: StateName;
  /** Of its oldest process, wall clock ms; null: none runs. */
  readonly startedAt: number | null;
  readonly checks: readonly { readonly result: CheckResult; readonly reason: string; readonly count: number }[];
  readonly durations: Distribution;
  /** Wall clock, ms; null: none was made since lifeguard's start. */
  readonly lastCheckAt: number | null;
  readonly restarts: Readonly<Record<Cause, number>>;
  readonly restartsLeft: number;
  /** From the first failure to the recovery. */
  readonly recoveries: Distribution;
  /** `up` null: not asked yet. */
  readonly dependencies: readonly { readonly name: string; readonly up: boolean | null }[];
}

/** One channel of the alerts. */
export interface ChannelFigures {
  readonly name: string;
  readonly waiting: number;
  readonly sent: number;
  /** Tries that failed; each is made again. */
  readonly failed: number;
  readonly givenUp: number;
}

export interface RotationFigures {
  readonly rotated: number;
  readonly unverified: number;
  readonly failed: number;
  /** Of the finished archives. */
  readonly archivedBytes: number;
}
