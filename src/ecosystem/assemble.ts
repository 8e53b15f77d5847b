import { basename, join } from 'node:path';
import type { ResolvedConfig, WatchConfig } from '../config/resolved.ts';
import { toWatchConfig } from '../config/to-policy.ts';
import { startOrder } from '../pm2/apps/start-order.ts';
import { inheritable } from '../pm2/daemon/environment.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import { restartWouldChange } from './adoptable.ts';
import { declareBackend } from './app.ts';
import { companionLogs, companionNotes, declareDatabase, declareLifeguard, withBuiltReference } from './companions.ts';
import { configuredBackend, configuredCompanion } from './configured.ts';
import { variablesIn } from './env-file.ts';
import type { Machine } from './machine.ts';
import { variablesNamedIn } from './named-variables.ts';
import { problemsOf } from './problems.ts';

/** From the resolved configuration to PM2's apps and lifeguard's part. `file` is the ecosystem file. */
export function assembleEcosystem(
  file: string,
  config: ResolvedConfig,
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): Ecosystem {
  const backends = config.backends.map(withBuiltReference);
  const logsDirectory = join(config.directory, 'logs');
  const database = declareDatabase(config, environment, machine);
  const lifeguard = declareLifeguard(config, logsDirectory, environment, machine);
  const companions = [...(database ? [database] : []), lifeguard];
  const withheld = Object.fromEntries(backends.map(({ name, run }) => [name, Object.keys(variablesIn(run.envFile))]));
  const around = { named: variablesNamedIn(config.files), inherited: inheritable(environment), withheld };
  const declared = startOrder(backends).map((backend) => declareBackend(backend, machine));
  const apps = [...(database ? [database] : []), ...declared, lifeguard];
  const configured: Ecosystem['configured'] = Object.fromEntries([
    ...companions.map((companion) => [companion.name, configuredCompanion(companion)]),
    ...backends.map((backend) => [backend.name, configuredBackend(backend, around)]),
  ]);
  return {
    file,
    config: { ...config, backends },
    apps,
    configured,
    backends: backends.map(({ name }) => name),
    watcher: lifeguard.name,
    watch: watchConfigOf(file, { ...config, backends }, logsDirectory, companions),
    withheld,
    wouldChange(name, processes) {
      const [backend, app] = [backends.find((each) => each.name === name), apps.find((each) => each.name === name)];
      if (!backend || !app) return ['script'];
      const named = configured[name]?.inherited ?? {};
      return restartWouldChange({ backend, app, machine, inherited: around.inherited, named }, processes);
    },
    notes: companionNotes(),
    problems: () => backends.flatMap((backend) => problemsOf(backend, machine)),
  };
}

function watchConfigOf(
  file: string,
  config: ResolvedConfig,
  logsDirectory: string,
  companions: readonly { readonly name: string }[],
): WatchConfig {
  const name = basename(file).replace(/\.config\.[cm]?[jt]s$/, '');
  return toWatchConfig(config, {
    owner: file,
    logsDirectory,
    journal: join(logsDirectory, name === 'ecosystem' ? 'incidents.jsonl' : `${name}.incidents.jsonl`),
    companions: companions.map(({ name }) => ({ name, logs: companionLogs(logsDirectory) })),
  });
}
