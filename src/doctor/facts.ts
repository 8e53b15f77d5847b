import type { ResolvedBackend } from '../config/resolved.ts';
import type { Round } from '../health/round.ts';
import type { Holder } from '../host/ports/port-owner.ts';
import type { Incident } from '../incidents/incident.ts';
import type { BackendStatus } from '../lifeguard/status.ts';
import type { Problem } from '../pm2/launch/ecosystem.ts';
import type { Pm2Process } from '../pm2/types.ts';

/** All that the rules know: looked up once, each by itself. What could not be looked up is told as a finding of its own. */
export interface Facts {
  /** What the ecosystem file declares. */
  readonly project: Project;
  /** PM2's list of the project's own apps; null: no daemon runs. */
  readonly processes: readonly Pm2Process[] | null;
  /** What lifeguard itself says; null: it does not answer. */
  readonly statuses: readonly BackendStatus[] | null;
  /** What is declared and does not run so, a line each. */
  readonly unapplied: readonly string[];
  readonly dependencies: readonly { backend: string; name: string; up: boolean; detail: string }[];
  /** Of backends whose port somebody else has. */
  readonly holders: readonly { backend: string; port: number; holder: Holder }[];
  /** What the backends answer just now. */
  readonly answers: readonly { backend: string; round: Round }[];
  /** Of the last 24 hours. */
  readonly incidents: readonly Incident[];
  readonly usage: readonly Usage[];
  readonly folders: readonly LogFolder[];
  readonly rivals: readonly { readonly file: string; readonly rival: string }[];
  readonly dump: Dump | null;
  readonly boot: Boot;
  readonly versions: Versions;
  readonly machine: Machine;
  /** The app since whose start the wall clock was set the furthest; null: it cannot be told. */
  readonly clock: ClockStep | null;
  /** Logs that the user who runs PM2 may not write. */
  readonly foreign: readonly ForeignLog[];
  /** Of backends whose error log goes back far enough. */
  readonly errorRates: readonly ErrorRate[];
  /** Alert channels that nobody has seen work. */
  readonly unproven: readonly string[];
}

export type Project =
  | {
      readonly kind: 'valid';
      readonly file: string;
      readonly backends: readonly ResolvedBackend[];
      readonly watcher: string;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: 'invalid'; readonly text: string }
  | { readonly kind: 'none'; readonly text: string };

/** What the processes of a backend use. */
export interface Usage {
  readonly backend: string;
  readonly memoryBytes: number | null;
  readonly limitBytes: number | null;
  /** Of the process that is nearest to its limit of open files. */
  readonly files: { readonly pid: number; readonly open: number; readonly limit: number } | null;
}

export interface LogFolder {
  readonly directory: string;
  readonly exists: boolean;
  readonly writable: boolean;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What was written here within the last day, archives as they lie there. */
  readonly writtenPerDayBytes: number;
}

/** PM2's saved list. */
export interface Dump {
  readonly path: string;
  readonly mode: number;
  /** Names of the variables in it that are called like secrets. */
  readonly secrets: readonly string[];
  readonly apps: readonly string[];
}

/** How PM2 starts with the machine. */
export interface Boot {
  /** systemd is PID 1 here; else nothing is known of boots. */
  readonly systemd: boolean;
  readonly unit: string;
  readonly installed: boolean;
  readonly enabled: boolean;
  readonly active: boolean;
  /** The program that it starts, where that is not there any more. */
  readonly programGone: string | null;
}

export interface Versions {
  readonly node: string;
  /** The Node that the daemon runs on, as a path; null: no daemon, or it cannot be told. */
  readonly daemonNode: string | null;
  readonly pm2: string;
  readonly daemonPm2: string | null;
}

export interface Machine {
  readonly availableBytes: number;
  readonly totalBytes: number;
}

/** By how much the wall clock was set since an app was started. */
export interface ClockStep {
  readonly app: string;
  /** Forward; less than 0: back. */
  readonly stepMs: number;
  /** What PM2 has for its start, wall clock ms. */
  readonly startedAt: number;
}

export interface ForeignLog {
  readonly file: string;
  /** Of the file, by number; and of PM2. */
  readonly owner: number;
  readonly user: number;
}

/** Lines a minute in the error log of a backend: within the last hour, and in the week before. */
export interface ErrorRate {
  readonly backend: string;
  readonly file: string;
  readonly recentPerMinute: number;
  readonly pastPerMinute: number;
}

/** What came of one look. */
export type Fact<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
export type Looked = { readonly [K in keyof Facts]: Fact<Facts[K]> };
export type Looks = { readonly [K in keyof Facts]: () => Facts[K] | Promise<Facts[K]> };

/** A look that takes longer is given up. */
const WITHIN_MS = 10_000;

/** Looks everything up at the same time. Never rejects: what throws or takes over 10 s is a fact that is not known, and no other's trouble. */
export async function lookUp(looks: Looks, withinMs = WITHIN_MS): Promise<Looked> {
  const all = Object.entries(looks).map(async ([name, look]) => [name, await factOf(look as () => unknown, withinMs)] as const);
  return Object.fromEntries(await Promise.all(all)) as unknown as Looked;
}

async function factOf(look: () => unknown, withinMs: number): Promise<Fact<unknown>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Fact<unknown>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, why: `no result within ${withinMs / 1_000} s` }), withinMs);
  });
  try {
    const found = Promise.resolve()
      .then(look)
      .then((value): Fact<unknown> => ({ ok: true, value }));
    return await Promise.race([found, tooLate]);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
