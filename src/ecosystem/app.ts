import { join } from 'node:path';
import type { LogPolicy, ResolvedBackend } from '../config/resolved.ts';
import { BEAT_VARIABLE, beatSocket } from '../health/heartbeat/beat-socket.ts';
import { MARKER } from '../host/orphans/marker.ts';
import { gateFile } from '../pm2/gate/gate-file.ts';
import { isGated } from '../pm2/gate/waits.ts';
import type { AppDeclaration } from '../pm2/types.ts';
import type { Machine } from './machine.ts';
import { pythonOf } from './python.ts';
import { behindGate, runLineOf } from './run-line.ts';

/** PM2's own restart of a crashed app, for the first crash and for when lifeguard is down: see docs/decisions/pm2-own-restarts.md. */
const RESTART_BY_PM2 = { autorestart: true, exp_backoff_restart_delay: 100, max_restarts: 2_147_483_647 } as const;

/** What PM2 is told to run for one backend. */
export function declareBackend(backend: ResolvedBackend, machine: Machine): AppDeclaration {
  const { name, run, instances, killTimeoutMs, policy, pmx } = backend;
  const line = runLineOf(backend, machine);
  const app: AppDeclaration = {
    name,
    ...(isGated(backend) ? behindGate(line, gateFile(machine.pm2Home, name), backend.once) : line),
    cwd: run.cwd,
    exec_mode: instances > 1 ? 'cluster' : 'fork',
    env: {
      [MARKER]: name,
      ...(backend.port === null ? {} : { PORT: String(backend.port) }),
      ...(isHeard(backend) ? { [BEAT_VARIABLE]: beatSocket(machine.pm2Home, name) } : {}),
      ...(isPython(line, backend) ? { PYTHONUNBUFFERED: '1' } : {}), // or its last lines before a crash are lost
      ...run.env,
    },
    ...(policy.restartOn.includes('crash') && !backend.once ? restartByPm2(policy.maxRestarts) : { autorestart: false }),
    kill_timeout: killTimeoutMs,
    treekill: true,
    pmx,
    ...logFiles(name, backend.logs),
  };
  for (const [key, variables] of Object.entries(run.envByName)) app[`env_${key}`] = { ...variables };
  // A worker is replaced when the next one listens, and only then: PM2's default would not wait for a slow start.
  return instances > 1 ? { ...app, instances, listen_timeout: policy.startupTimeoutMs } : app;
}

/** Where no crash is to be followed by a start of PM2's own, PM2 is not to be in a hurry: see docs/decisions/the-limit.md. */
function restartByPm2(maxRestarts: number) {
  return maxRestarts > 1 ? RESTART_BY_PM2 : { ...RESTART_BY_PM2, exp_backoff_restart_delay: 10_000 };
}

/** One pair of files an app, whatever its instances. */
export function logFiles(name: string, { directory }: Pick<LogPolicy, 'directory'>) {
  return { out_file: join(directory, `${name}.log`), error_file: join(directory, `${name}.error.log`), merge_logs: true };
}

/** What every companion has in common. */
export function declareCompanion(
  name: string,
  script: string,
  machine: Machine,
  rest: Pick<AppDeclaration, 'cwd' | 'env' | 'kill_timeout' | 'node_args'> & { readonly logs: Pick<LogPolicy, 'directory'> },
): AppDeclaration {
  const { logs, env, ...others } = rest;
  return {
    name,
    script,
    interpreter: machine.node,
    ...others,
    exec_mode: 'fork',
    env: { [MARKER]: name, ...env },
    ...RESTART_BY_PM2,
    treekill: true,
    pmx: false,
    ...logFiles(name, logs),
  };
}

/** It has a heartbeat that it is to send to a socket. */
function isHeard({ targets }: ResolvedBackend): boolean {
  return [targets.liveness, targets.readiness].some((check) => check?.kind === 'heartbeat' && check.file === null);
}

function isPython({ script, args }: { script: string; args: readonly string[] }, { run }: ResolvedBackend): boolean {
  const program = run.envFile === null ? script : (args[2] ?? '');
  return pythonOf(program) !== null;
}
