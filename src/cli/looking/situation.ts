import type { Dashboard, WatchConfig, WatchedBackend } from '../../config/resolved.ts';
import { addressOf } from '../../dashboard/address.ts';
import { shownCheck } from '../../health/shown-check.ts';
import type { BackendStatus } from '../../lifeguard/status.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { nextStepOf } from './next-step.ts';

/** How one backend is: by lifeguard, or, while that does not answer, by PM2 alone. Times in ms. */
export interface BackendSituation {
  readonly name: string;
  /** Lifeguard's state; PM2's status when only PM2 knows it; `not running` when not even that. */
  readonly state: string;
  readonly verdict: 'well' | 'problem' | 'down';
  readonly port: number | null;
  readonly address: string | null;
  /** What is asked whether it is well, without its secrets; null: nothing is. */
  readonly liveness: string | null;
  readonly pids: readonly number[];
  readonly uptimeMs: number | null;
  /** `200`, or `200, ready 503` where readiness answers otherwise than liveness; null: no check was made. */
  readonly lastCheck: string | null;
  readonly restarts: { readonly counted: number; readonly limit: number } | null;
  readonly dependencies: readonly { readonly name: string; readonly up: boolean | null; readonly detail: string }[];
  /** Why it is not well and what is waited for; null: nothing to say. */
  readonly note: string | null;
  /** It is kept stopped, and nothing will happen to it before somebody starts it. */
  readonly kept: boolean;
  /** What its start waits for, as the end of a sentence that begins with "it": nothing is wrong with it. null: it does not wait. */
  readonly waits: string | null;
  /** How long it has been in this state; null: lifeguard does not answer. */
  readonly sinceMs: number | null;
  /** What lifeguard does next, see {@link nextStepOf}. */
  readonly next: string | null;
  /** The incident that is open, as `lifeguard incidents show` calls it. */
  readonly incident: string | null;
  /** Of its checks; null: none was answered. */
  readonly p95Ms: number | null;
  /** Of its process tree; null: not looked at. */
  readonly memoryBytes: number | null;
  readonly errorFile: string | null;
  /** What no restart cures, see {@link ailmentOf}; null: nothing. */
  readonly ailment: string | null;
}

export interface CompanionSituation {
  readonly name: string;
  /** It is lifeguard itself, on which no backend waits. */
  readonly watches: boolean;
  readonly status: string;
  readonly pid: number | null;
  readonly uptimeMs: number | null;
  readonly errorFile: string | null;
}

export interface Situation {
  readonly daemon: boolean;
  /** lifeguard answers: what is told of the backends is its own word. */
  readonly watched: boolean;
  readonly backends: readonly BackendSituation[];
  readonly companions: readonly CompanionSituation[];
  /** Where the page is; null: none is configured, or nobody watches. */
  readonly page: string | null;
}

/** What was found: PM2's list (null: no daemon), and lifeguard's answer (null: none). */
export interface Findings {
  readonly listed: readonly Pm2Process[] | null;
  readonly statuses: readonly BackendStatus[] | null;
  /** See {@link BackendSituation.ailment}, by backend. */
  readonly ailments?: ReadonlyMap<string, string | null>;
  /** Wall clock, ms. */
  readonly now: number;
}

/** Puts together what PM2 and lifeguard say of the configured backends. */
export function describeSituation(
  watch: Pick<WatchConfig, 'name' | 'backends' | 'companions'> & Partial<Pick<WatchConfig, 'dashboard'>>,
  { listed, statuses, ailments, now }: Findings,
): Situation {
  const processesOf = (name: string) => (listed ?? []).filter((process) => process.name === name);
  return {
    daemon: listed !== null,
    watched: statuses !== null,
    backends: watch.backends.map((backend) =>
      describeBackend(
        backend,
        processesOf(backend.name),
        statuses?.find(({ name }) => name === backend.name),
        ailments?.get(backend.name) ?? null,
        now,
      ),
    ),
    companions: watch.companions.map(({ name }) => {
      const [process] = processesOf(name);
      const up = process !== undefined && process.pid > 0;
      return {
        name,
        watches: name === watch.name,
        status: process?.status ?? 'not running',
        pid: up ? process.pid : null,
        uptimeMs: up ? Math.max(0, now - process.startedAt) : null,
        errorFile: process?.errorFile ?? null,
      };
    }),
    page: statuses === null ? null : pageOf(watch.dashboard),
  };
}

function pageOf(dashboard: Dashboard | undefined): string | null {
  if (dashboard === undefined || dashboard.port === null) return null;
  return dashboard.url ?? addressOf(dashboard);
}

function describeBackend(
  { name, port, targets, once }: Pick<WatchedBackend, 'name' | 'port' | 'targets'> & Partial<Pick<WatchedBackend, 'once'>>,
  processes: readonly Pm2Process[],
  status: BackendStatus | undefined,
  ailment: string | null,
  now: number,
): BackendSituation {
  const up = processes.filter(({ pid, status: word }) => pid > 0 && (word === 'online' || word === 'launching'));
  const known = stateOf(processes, status);
  const state = once && WELL.has(known) && known !== 'completed' ? 'running' : known; // a job is well when it is done
  const waits = status?.waitsFor ?? null;
  return {
    name,
    state,
    verdict: ailment !== null && WELL.has(state) ? 'problem' : isFalling(state, status) ? 'down' : verdictOf(state),
    port,
    address: port === null ? null : `http://127.0.0.1:${port}`,
    liveness: targets.liveness && shownCheck(targets.liveness),
    pids: up.map(({ pid }) => pid),
    uptimeMs: up.length > 0 ? Math.max(0, now - Math.max(...up.map(({ startedAt }) => startedAt))) : null,
    lastCheck: lastCheckOf(status),
    restarts: status ? { counted: status.policy.restarts, limit: status.policy.maxRestarts } : null,
    dependencies: status?.dependencies ?? [],
    note: ailment ?? (waits === null ? noteOf(status) : `it ${waits}`),
    waits,
    kept: (status?.policy.parked ?? false) && status?.policy.dueInMs === null,
    ...progressOf(status, state, now),
    errorFile: processes[0]?.errorFile ?? null,
    ailment,
  };
}

function progressOf(
  status: BackendStatus | undefined,
  state: string,
  now: number,
): Pick<BackendSituation, 'sinceMs' | 'next' | 'incident' | 'p95Ms' | 'memoryBytes'> {
  if (status === undefined) return { sinceMs: null, next: null, incident: null, p95Ms: null, memoryBytes: null };
  const { policy, checks, memoryBytes, name } = status;
  const clockTime = (inMs: number) => new Date(now + inMs).toTimeString().slice(0, 8);
  return {
    sinceMs: state === policy.state ? policy.forMs : null,
    next: state === policy.state ? nextStepOf(status, clockTime) : null,
    incident: policy.incident === null ? null : `${name}-${policy.incident}`,
    p95Ms: checks.p95,
    memoryBytes,
  };
}

/** Lifeguard's word holds only for the process that it knows: right after a restart PM2 is ahead of it. */
function stateOf(processes: readonly Pm2Process[], status: BackendStatus | undefined): string {
  const [first] = processes;
  if (!first) return 'not running';
  if (!status) return first.status;
  const known = new Set(status.processes.map(({ pid }) => pid));
  const unknown = processes.some(({ pid, status: word }) => word === 'online' && pid > 0 && !known.has(pid));
  return status.policy.state === 'healthy' && (unknown || isUnchecked(status)) ? 'starting' : status.policy.state;
}

/** The youngest of its processes, all of a cluster's perhaps, is younger than the last check. */
function isUnchecked({ lastCheck, processes }: BackendStatus): boolean {
  return lastCheck !== null && processes.some(({ uptimeMs }) => uptimeMs < lastCheck.agoMs);
}

/** `unchecked` is as it was configured: nothing is to be asked of it, and it runs. */
const WELL = new Set(['healthy', 'online', 'unchecked', 'completed']);
const DOWN = new Set([
  'unhealthy',
  'restarting',
  'blocked',
  'exhausted',
  'stopped',
  'not running',
  'errored',
  'stopping',
  'waiting restart',
]);

/** Between two crashes it is starting, too. */
function isFalling(state: string, status: BackendStatus | undefined): boolean {
  return state === 'starting' && (status?.policy.incident ?? null) !== null;
}

function verdictOf(state: string): BackendSituation['verdict'] {
  return WELL.has(state) ? 'well' : DOWN.has(state) ? 'down' : 'problem';
}

function lastCheckOf(status: BackendStatus | undefined): string | null {
  const check = status?.lastCheck;
  if (!check) return null;
  return check.readiness === null || check.readiness === check.liveness
    ? check.liveness
    : `${check.liveness}, ready ${check.readiness}`;
}

function noteOf(status: BackendStatus | undefined): string | null {
  if (!status || status.policy.state === 'healthy') return null;
  const { held, lastError, lastFailure } = status.policy;
  if (held !== null || !lastError) return held ?? lastFailure;
  return `it ended${lastError.times > 1 ? `, ${lastError.times} times in a row` : ''}: ${lastError.text}`;
}

/** The worst of all: any backend down is down; a backend that is not well, or nobody watching, is a problem. */
export function judge({ daemon, watched, backends, companions }: Situation): ExitStatus {
  if (!daemon || backends.some(({ verdict }) => verdict === 'down')) return EXIT.down;
  const companionsUp = companions.every(({ status }) => status === 'online');
  return watched && companionsUp && backends.every(({ verdict }) => verdict === 'well') ? EXIT.well : EXIT.problem;
}
