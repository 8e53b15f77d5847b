import { basename, join } from 'node:path';
import type { ResolvedConfig, WatchConfig } from '../config/resolved.ts';
import { toWatchConfig } from '../config/to-policy.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import { declareBackend } from './app.ts';
import { companionLogs, companionNotes, declareDatabase, declareLifeguard, withBuiltReference } from './companions.ts';
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
  const companions = [...(database ? [database.name] : []), config.lifeguard.name];
  const watch = watchConfigOf(file, { ...config, backends }, companions);
  return {
    file,
    config: { ...config, backends },
    apps: [
      ...(database ? [database] : []),
      ...backends.map((backend) => declareBackend(backend, machine)),
      declareLifeguard(config, watch.logsDirectory, machine),
    ],
    backends: backends.map(({ name }) => name),
    watcher: config.lifeguard.name,
    watch,
    withheld: Object.fromEntries(backends.map((backend) => [backend.name, Object.keys(variablesIn(backend.run.envFile))])),
    notes: companionNotes(config),
    problems: () => backends.flatMap((backend) => problemsOf(backend, machine)),
  };
}

function watchConfigOf(file: string, config: ResolvedConfig, companions: readonly string[]): WatchConfig {
  const logsDirectory = join(config.directory, 'logs');
  const name = basename(file).replace(/\.config\.[cm]?[jt]s$/, '');
  return toWatchConfig(config, {
    owner: file,
    logsDirectory,
    journal: join(logsDirectory, name === 'ecosystem' ? 'incidents.jsonl' : `${name}.incidents.jsonl`),
    companions: companions.map((name) => ({ name, logs: companionLogs(logsDirectory) })),
  });
}
