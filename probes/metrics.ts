import type { BackendStatus } from '../src/lifeguard/status.ts';
import type { Supervisor } from '../src/lifeguard/supervise.ts';
import { STATE_NAMES, type StateName } from '../src/policy/state-name.ts';
import { io } from './io.ts';

/** PM2 drops null and NaN: what is not known is said so. */
const UNKNOWN = 'UNKNOWN';
/** With more backends than this PM2 would be sent thousands of values a second: then only their states are published, */
const DETAILED_UP_TO = 20;
/** and with more than this, how many are in each state. */
const NAMED_UP_TO = 200;
/** Reading all the figures of a backend once serves all its metrics. */
const FRESH_MS = 900;

/** How many backends are in each. */
const NOBODY = Object.fromEntries(STATE_NAMES.map((name) => [name, 0])) as Readonly<Record<StateName, number>>;

type Figure = readonly [label: string, value: (status: BackendStatus) => string | number | null, unit?: 'ms' | '%'];

const DETAILS: readonly Figure[] = [
  ['status code', ({ lastCheck }) => lastCheck && (lastCheck.readiness ?? lastCheck.liveness)],
  ['latency p50', ({ checks }) => checks.p50, 'ms'],
  ['latency p95', ({ checks }) => checks.p95, 'ms'],
  ['latency p99', ({ checks }) => checks.p99, 'ms'],
  ['consecutive failures', ({ policy }) => policy.consecutiveFailures],
  ['availability 1h', ({ checks }) => percent(checks.availability1h), '%'],
  ['availability 24h', ({ checks }) => percent(checks.availability24h), '%'],
  ['restarts in window', ({ policy }) => `${policy.restarts} of ${policy.maxRestarts}`],
  // Whoever has never been restarted is not unknown, and has no unit.
  [
    'last restart',
    ({ policy }) => (policy.sinceRestartMs === null ? 'never' : `${Math.round(policy.sinceRestartMs / 1000)} s ago`),
  ],
];

/** Registers every backend's metrics with PM2 (`pm2 describe lifeguard`, `pm2 monit`), as `NAME FIGURE`. */
export function publishMetrics(supervisor: Supervisor): void {
  const { names } = supervisor;
  if (names.length > NAMED_UP_TO) publishCounts(supervisor);
  else for (const name of names) publish(`${name} state`, () => supervisor.state(name));
  if (names.length > DETAILED_UP_TO) return;
  for (const name of names) {
    const status = cached(() => supervisor.status(name));
    for (const [label, value, unit] of [...DETAILS, ...dependencies(status())])
      publish(`${name} ${label}`, () => value(status()) ?? UNKNOWN, unit);
  }
}

function publishCounts({ names, state }: Supervisor): void {
  const counts = cached(() => {
    const found = { ...NOBODY };
    for (const name of names) found[state(name)] += 1;
    return found;
  });
  for (const name of STATE_NAMES) publish(`backends ${name}`, () => counts()[name]);
}

function dependencies(status: BackendStatus): Figure[] {
  return status.dependencies.map(({ name }) => [
    `dependency ${name}`,
    (now) => {
      const up = now.dependencies.find((dependency) => dependency.name === name)?.up;
      return up === true ? 'up' : up === false ? 'down' : null;
    },
  ]);
}

/** A value callback that throws would end the probe. PM2 shows strings too, though its types know only numbers. */
function publish(name: string, value: () => string | number, unit?: string): void {
  io.metric({
    name,
    ...(unit !== undefined && { unit }),
    value: (() => {
      try {
        return value();
      } catch {
        return UNKNOWN;
      }
    }) as () => number,
  });
}

function cached<T>(read: () => T): () => T {
  let at = Number.NEGATIVE_INFINITY;
  let last: T;
  return () => {
    if (performance.now() - at > FRESH_MS) {
      last = read();
      at = performance.now();
    }
    return last;
  };
}

function percent(share: number | null): string | null {
  return share === null ? null : (Math.floor(share * 10_000) / 100).toFixed(2);
}
