import { join } from 'node:path';
import type { ResolvedConfig } from '../config/resolved.ts';
import { variablesIn } from '../ecosystem/env-file.ts';
import { thisMachine } from '../ecosystem/machine.ts';
import { binFile } from '../ecosystem/package-root.ts';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import { imageFactsOf } from './image/image-facts.ts';
import type { ExportInput } from './input.ts';
import { subjectOf } from './subject.ts';

/**
 * Looks at this machine for what the configuration does not say: where programs are, what a folder has to make an image from.
 * @param environment the NAME of the `env_NAME` that is laid over `env`
 * @throws LifeguardError `usage` when no backend has that one
 */
export function inputFrom(
  config: ResolvedConfig,
  { target, environment }: { readonly target: string; readonly environment: string | null },
): ExportInput {
  const { directory, backends, alerts, files } = config;
  const environments = new Set(backends.flatMap(({ run }) => Object.keys(run.envByName)));
  if (environment !== null && !environments.has(environment))
    throw new LifeguardError('usage', `no backend has env_${environment}`, {
      hint: environments.size > 0 ? `There is ${[...environments].map((name) => `env_${name}`).join(', ')}.` : null,
    });
  const machine = thisMachine(process.env);
  const subjects = backends.map((backend) =>
    subjectOf(backend, { machine, namesIn: (envFile) => Object.keys(variablesIn(envFile)), environment }),
  );
  const images = Object.fromEntries(subjects.map((subject) => [subject.backend.name, imageFactsOf(subject)]));
  const watcher = {
    node: machine.locate(machine.node, directory) ?? process.execPath,
    program: binFile('unit-health.js'),
    file: files[0] ?? join(directory, 'ecosystem.config.ts'),
  };
  return { directory, target, subjects, images, alertChannels: alerts.length, watcher };
}
