import { resolve } from 'node:path';
import type { Policy } from '../policy/policy.ts';
import { paceOf } from './checks/pace.ts';
import { resolveCheck } from './checks/resolve-check.ts';
import { resolveCommand } from './command-line.ts';
import { folderAt, type Located, type Path } from './reading/located.ts';
import { resolveChannels } from './resolve-channels.ts';
import type { LogPolicy, Program, ResolvedBackend, ResolvedConfig, Run, WatchConfig, WatchedBackend } from './resolved.ts';
import type { Backend, Ecosystem } from './schema/schema.ts';
import { stopSignalOf } from './stop-signal.ts';

/** Makes an absolute path of what the configuration names at a place: relative ones start at the folder of the file that names them. */
type Absolute = (at: Path, path: string) => string;

/** A valid configuration with absolute paths; `root` knows which file named which path. */
export function resolveConfig(
  config: Ecosystem,
  root: Located,
  about: { files: readonly string[]; directory: string },
): ResolvedConfig {
  const absolute: Absolute = (at, path) => resolve(folderAt(root, at), path);
  return {
    ...about,
    backends: config.backends.map((backend, index) =>
      resolveBackend(backend, (at, path) => absolute(['backends', index, ...at], path)),
    ),
    alerts: resolveChannels(config.alerts, (index, path) => absolute(['alerts', index, 'command'], path)),
    dashboard: config.dashboard ?? { host: '127.0.0.1', port: null, token: null, url: null },
    lifeguard: config.lifeguard,
  };
}

/** lifeguard's part of the configuration. `companions`: the apps that are started beside the backends. */
export function toWatchConfig(
  config: ResolvedConfig,
  about: Pick<WatchConfig, 'owner' | 'logsDirectory' | 'journal' | 'companions'>,
): WatchConfig {
  return {
    version: 1,
    name: config.lifeguard.name,
    files: config.files,
    ...about,
    backends: config.backends.map(watched),
    alerts: config.alerts,
    dashboard: config.dashboard,
  };
}

function watched({
  name,
  port,
  targets,
  policy,
  killTimeoutMs,
  stopSignal,
  dependencies,
  before,
  once,
  logs,
}: ResolvedBackend): WatchedBackend {
  return { name, port, targets, policy, killTimeoutMs, stopSignal, dependencies, before, once, logs };
}

function resolveBackend(backend: Backend, absolute: Absolute): ResolvedBackend {
  const { port, health } = backend;
  const run = resolveRun(backend.run, absolute);
  const check = (key: 'liveness' | 'readiness') =>
    resolveCheck(health[key], {
      port,
      intervalMs: health.interval,
      headers: health.headers,
      run,
      absolute: (path) => absolute(['health', key], path),
    });
  // Of a job only its end counts.
  const isAsked = health.liveness !== null && !backend.run.once;
  const targets = { liveness: isAsked ? check('liveness') : null, readiness: isAsked ? check('readiness') : null };
  const policy = toPolicy(backend, targets.liveness !== null);
  return {
    name: backend.name,
    port: backend.port,
    run,
    instances: backend.run.instances,
    pmx: backend.pmx,
    targets,
    policy: { ...policy, ...paceOf(targets, policy) },
    killTimeoutMs: backend.restart.kill_timeout,
    stopSignal: backend.run.instances > 1 || backend.run.once ? null : stopSignalOf(run, backend.restart.stop_signal),
    dependencies: backend.depends_on.map(({ restart_with: restartWith, ...dependency }, i) => ({
      ...dependency,
      restartWith,
      check: resolveDependency(dependency.check, (path) => absolute(['depends_on', i, 'check'], path)),
    })),
    before: backend.run.before.map(({ command, timeout }, i) => ({
      ...resolveCommand(command, (path) => absolute(['run', 'before', i, 'command'], path)),
      cwd: run.cwd,
      envFile: run.envFile,
      timeoutMs: timeout,
    })),
    once: backend.run.once,
    logs: resolveLogs(backend.logs, absolute),
  };
}

/** What `decide` knows of a backend. */
export function toPolicy({ run, health, restart, depends_on }: Backend, isChecked: boolean): Policy {
  return {
    instances: run.instances,
    isChecked,
    isJob: run.once,
    killTimeoutMs: restart.kill_timeout,
    intervalMs: health.interval,
    timeoutMs: health.timeout,
    failureThreshold: health.failure_threshold,
    successThreshold: health.success_threshold,
    startupTimeoutMs: health.startup_timeout,
    retryAfterMaxMs: health.retry_after_max,
    restartOn: restart.on,
    maxRestarts: restart.max_restarts,
    withinMs: restart.within,
    coolDownMs: restart.cool_down,
    backoff: {
      initialMs: restart.backoff.initial,
      factor: restart.backoff.factor,
      maxMs: restart.backoff.max,
      jitter: restart.backoff.jitter,
    },
    maxMemoryBytes: restart.max_memory,
    maxCpu: restart.max_cpu && { percent: restart.max_cpu.percent, forMs: restart.max_cpu.for },
    dependencies: depends_on.map(({ name, field }) => ({ name, field })),
  };
}

/** Of a file that holds the URL, `postgres+file:PATH`, the path is made absolute. */
function resolveDependency(check: string, absolute: (path: string) => string): string {
  const [, path] = /^postgres\+file:(?:\/\/)?(.+)$/.exec(check) ?? [];
  return path === undefined ? check : `postgres+file://${absolute(path)}`;
}

function resolveRun(run: Backend['run'], absolute: Absolute): Run {
  return {
    program: resolveProgram(run, absolute),
    cwd: absolute(['run', 'cwd'], run.cwd),
    env: run.env,
    envByName: run.env_by_name,
    envFile: run.env_file === null ? null : absolute(['run', 'env_file'], run.env_file),
  };
}

function resolveProgram({ command, script, interpreter, args }: Backend['run'], absolute: Absolute): Program {
  if (script !== undefined) {
    const resolved = interpreter?.includes('/') ? absolute(['run', 'interpreter'], interpreter) : interpreter;
    return { kind: 'script', script: absolute(['run', 'script'], script), interpreter: resolved, args };
  }
  return { kind: 'command', ...resolveCommand(command ?? '', (path) => absolute(['run', 'command'], path)) };
}

function resolveLogs(logs: Backend['logs'], absolute: Absolute): LogPolicy {
  return {
    directory: absolute(['logs', 'directory'], logs.directory),
    maxSizeBytes: logs.max_size,
    retainMs: logs.retain,
    compress: logs.compress,
    maxTotalBytes: logs.max_total,
    files: logs.files.map((file, index) => absolute(['logs', 'files', index], file)),
  };
}
