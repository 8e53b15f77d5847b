import { LifeguardError } from '../errors/lifeguard-error.ts';
import { ecosystemFileIn } from '../pm2/command-line/ecosystem-files.ts';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import type { Context } from './context.ts';
import { listProcesses } from './looking/look.ts';
import { fileMeant, runningConfig, type Watched } from './project.ts';

/**
 * Runs the ecosystem file: the one that was named, else the one in this folder.
 * @param note is told of every file that it imports
 * @throws LifeguardError `no-file`, `not-ours`; ConfigError with every mistake
 */
export async function ecosystemAt(named: string | undefined, note?: (url: string) => void): Promise<Ecosystem> {
  const file = named ?? ecosystemFileIn('.');
  const { loadEcosystem } = await import('../pm2/command-line/load.ts');
  const ecosystem = await loadEcosystem(file, note);
  if (ecosystem) return ecosystem;
  throw new LifeguardError('not-ours', `${file} does not export the apps of defineEcosystem`, {
    hint: `export const { apps } = defineEcosystem(import.meta.url, { backends: [] });`,
  });
}

/**
 * What is to be looked at: what was started of the project; when nothing was, what its ecosystem file declares. So one can look at
 * what runs while the file holds a mistake, or from another folder.
 */
export async function watchedHere({ pm2Home }: Context, config: string | undefined): Promise<Watched> {
  const listed = (await listProcesses(pm2Home)) ?? [];
  const file = fileMeant(pm2Home, config, listed);
  return (file === null ? null : runningConfig(pm2Home, file, listed)) ?? (await ecosystemAt(config)).watch;
}

/**
 * Narrows it down to the backends that were named; all of them when none was.
 * @throws LifeguardError `usage` for a name that is not there
 */
export function narrowed<T extends Watched>(watch: T, names: readonly string[]): T {
  if (names.length === 0) return watch;
  refuseUnknown(
    names,
    watch.backends.map(({ name }) => name),
  );
  return { ...watch, backends: watch.backends.filter(({ name }) => names.includes(name)) };
}

export function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new LifeguardError('usage', `there is no backend ${unknown.join(', ')}`, { hint: `There is ${known.join(', ')}.` });
}
