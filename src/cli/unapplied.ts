import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Ecosystem } from '../pm2/launch/ecosystem.ts';
import type { Unapplied } from '../pm2/launch/unapplied.ts';
import { describeClash } from '../pm2/ownership/clash.ts';
import { ecosystemAt } from './backends.ts';
import type { Context } from './context.ts';
import { listProcesses } from './looking/look.ts';
import { comparedFile, remembered } from './looking/remembered.ts';
import { fileMeant, ownershipHere, runningConfig } from './project.ts';

/** What of the ecosystem file is not what runs; `mistakes`: it cannot be told, for the file is not valid. */
export type NotApplied = readonly Unapplied[] | 'mistakes';

/**
 * Looks at the file that is meant, if something of it runs and it is there. What was found the last time is remembered.
 * @param run of a caller who runs the file anyway: nothing is remembered then
 */
export async function notApplied(
  { pm2Home }: Context,
  config: string | undefined,
  run?: (file: string) => Promise<Ecosystem>,
): Promise<NotApplied> {
  const listed = (await listProcesses(pm2Home)) ?? [];
  const file = fileMeant(pm2Home, config, listed);
  const running = file === null ? null : runningConfig(pm2Home, file, listed);
  if (file === null || running === null || !existsSync(file)) return [];
  const compare = async (loading: Promise<Ecosystem>) => {
    const [{ unappliedChanges }, ecosystem] = await Promise.all([import('../pm2/launch/unapplied.ts'), loading]);
    const modifiedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return unappliedChanges({ ecosystem, listed, ownership: ownershipHere(pm2Home, file, listed), running, modifiedAt });
  };
  // Whatever is wrong with the file, what runs is to be seen.
  try {
    if (run !== undefined) return await compare(run(file));
    const keptIn = comparedFile(pm2Home, running.name);
    return await remembered(keptIn, { file, running, listed }, (note) => compare(ecosystemAt(file, note)));
  } catch {
    return 'mistakes';
  }
}

/** A line each, and how to apply them; none when all is applied. */
export function describeNotApplied(found: NotApplied): string[] {
  if (found === 'mistakes')
    return ['The configuration has mistakes, so what runs is as it was before: lifeguard validate tells them.'];
  if (found.length === 0) return [];
  const isToBeApplied = found.some(({ what }) => what !== 'taken over');
  return [...found.map(describe), ...(isToBeApplied ? ['lifeguard start applies that.'] : [])];
}

function describe({ app, what, keys, files, takenBy }: Unapplied): string {
  if (takenBy !== null) return describeClash(takenBy);
  if (what === 'not started') return `${app}: declared, not started`;
  if (what === 'no longer declared') return `${app}: no longer declared, still in PM2's list`;
  if (what === 'taken over') return `${app}: taken over as it runs; lifeguard restart ${app} applies ${keys.join(', ')}`;
  const where = files.length > 0 ? ` in ${files.map((file) => basename(file)).join(' or ')}` : '';
  return `${app}: changed${where}, not applied (${keys.join(', ')})`;
}
