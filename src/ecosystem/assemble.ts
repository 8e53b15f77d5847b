import { join } from 'node:path';
import type { ResolvedConfig, WatchConfig } from '../config/resolved.ts';
import { toWatchConfig } from '../config/to-policy.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import { declareBackend } from './app.ts';
import {
  companionLogs,
  companionNotes,
  DATABASE,
  declareDatabase,
  declareLifeguard,
  LIFEGUARD,
  withBuiltReference,
} from './companions.ts';
import { variablesIn } from './env-file.ts';
import type { Machine } from './machine.ts';
import { problemsOf } from './problems.ts';

/** From the resolved configuration to PM2's apps and lifeguard's part. `file` is the ecosystem file. */
export function assembleEcosystem(
  file: string,
  config: ResolvedConfig,
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): Ecosystem {
  const backends = config.backends.map(withBuiltReference);
  const database = declareDatabase(config, environment, machine);
  const companions = [...(database ? [DATABASE] : []), LIFEGUARD];
  const watch = watchConfigOf({ ...config, backends }, companions);
  return {
    file,
    apps: [
      ...(database ? [database] : []),
      ...backends.map((backend) => declareBackend(backend, machine)),
      declareLifeguard(config, watch, machine),
    ],
    backends: backends.map(({ name }) => name),
    watcher: LIFEGUARD,
    watch,
    withheld: Object.fromEntries(backends.map((backend) => [backend.name, Object.keys(variablesIn(backend.run.envFile))])),
    notes: companionNotes(config),
    problems: () => backends.flatMap((backend) => problemsOf(backend, machine)),
  };
}

function watchConfigOf(config: ResolvedConfig, companions: readonly string[]): WatchConfig {
  const logsDirectory = join(config.directory, 'logs');
  return toWatchConfig(config, {
    logsDirectory,
    companions: companions.map((name) => ({ name, logs: companionLogs(logsDirectory) })),
  });
}
