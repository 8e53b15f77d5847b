import { loadConfig } from '../../../src/config/load.ts';
import type { WatchConfig } from '../../../src/config/resolved.ts';
import { toWatchConfig } from '../../../src/config/to-policy.ts';
import { declareBackend } from '../../../src/ecosystem/app.ts';
import type { Machine } from '../../../src/ecosystem/machine.ts';
import { encodeRecord, RECORD_KEY } from '../../../src/pm2/ownership/record.ts';
import type { AppDeclaration } from '../../../src/pm2/types.ts';
import type { BackendPlan } from '../backend/plan.ts';
import type { WorldPlan } from './plan.ts';

const DIRECTORY = '/simulated';
const FILE = `${DIRECTORY}/ecosystem.config.ts`;
const MACHINE: Machine = {
  node: 'node',
  stripsTypes: false,
  pm2Home: '/simulated/.pm2',
  locate: (program) => `/usr/bin/${program}`,
};

/** What the launcher makes of the plan's ecosystem file: lifeguard's part, and what PM2 is told to run, neighbours included. */
export function configure({ backends, dependencies, neighbours }: WorldPlan): { config: WatchConfig; apps: AppDeclaration[] } {
  const resolved = loadConfig({
    file: FILE,
    typescript: { backends: backends.map((plan) => written(plan, dependencies)) },
    env: {},
    cwd: DIRECTORY,
  });
  const declared = resolved.backends.map((backend) => ({
    ...declareBackend(backend, MACHINE),
    [RECORD_KEY]: encodeRecord({ file: FILE, role: 'backend', digests: {}, at: 1, envName: null }),
  }));
  return {
    config: toWatchConfig(resolved, {
      owner: FILE,
      logsDirectory: `${DIRECTORY}/logs`,
      journal: `${DIRECTORY}/logs/incidents.jsonl`,
      companions: [],
    }),
    apps: [...Array.from({ length: neighbours }, (_, i) => neighbour(i, backends)), ...declared],
  };
}

/** The backend as its owner would write it. */
function written({ name, port, rules, dependency }: BackendPlan, dependencies: readonly string[]): object {
  const check = dependency === null ? undefined : dependencies[dependency];
  return {
    name,
    port,
    run: { script: 'server.js', instances: rules.instances },
    health: {
      interval: rules.intervalMs,
      timeout: rules.timeoutMs,
      failure_threshold: rules.failureThreshold,
      success_threshold: rules.successThreshold,
      startup_timeout: rules.startupTimeoutMs,
      retry_after_max: rules.retryAfterMaxMs,
      ...(rules.hasReadiness ? {} : { readiness: null }),
    },
    restart: {
      on: rules.restartOn,
      max_restarts: rules.maxRestarts,
      within: rules.withinMs,
      cool_down: rules.coolDownMs,
      backoff: {
        initial: rules.backoff.initialMs,
        factor: rules.backoff.factor,
        max: rules.backoff.maxMs,
        jitter: rules.backoff.jitter,
      },
      kill_timeout: rules.killTimeoutMs,
      max_memory: rules.maxMemoryBytes,
    },
    ...(check === undefined ? {} : { depends_on: [{ name: 'database', check }] }),
  };
}

/** None of ours; the second has the name of one of ours, as an app of another ecosystem file may. */
function neighbour(i: number, backends: readonly BackendPlan[]): AppDeclaration {
  return {
    name: i === 1 ? (backends[0]?.name ?? '') : `neighbour-${i}`,
    script: `${DIRECTORY}/neighbour.js`,
    cwd: DIRECTORY,
    exec_mode: 'fork',
    env: {},
    autorestart: true,
    out_file: '/dev/null',
    error_file: '/dev/null',
    pmx: false,
  };
}
