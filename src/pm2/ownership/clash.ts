import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import type { Pm2Process } from '../types.ts';
import type { Ownership } from './owner.ts';

/** A name of ours that somebody else's app has in this PM2. */
export interface Clash {
  readonly app: string;
  /** The ecosystem file that the other one belongs to; null: it was started by hand. */
  readonly file: string | null;
}

/** Which of these names are taken, each once. */
export function clashesOf(names: readonly string[], listed: readonly Pm2Process[], { ownerOf, isOurs }: Ownership): Clash[] {
  return names.flatMap((app) => {
    const other = listed.find((process) => process.name === app && !isOurs(process));
    return other ? [{ app, file: ownerOf(other)?.file ?? null }] : [];
  });
}

/**
 * Says whose the names are, and both ways out.
 * @throws LifeguardError `clash` when there is one
 */
export function refuseClashes(clashes: readonly Clash[], watcher: string, { file }: Ownership): void {
  if (clashes.length === 0) return;
  const hints = [];
  if (clashes.some(({ app }) => app === watcher))
    hints.push(`Each project has its own lifeguard, under its own name. ${renamed(file)}`);
  if (clashes.some(({ app }) => app !== watcher)) hints.push('Give yours another name, or take over what runs: add --adopt.');
  throw new LifeguardError('clash', `${clashes.map(describeClash).join('\n')}\nNothing was started or changed.`, {
    hint: hints.join('\n'),
  });
}

/** One line for people. */
export function describeClash({ app, file }: Clash): string {
  if (file === null) return `${app}: there is an app of this name in this PM2, which somebody started by hand`;
  return `${app}: there is an app of this name in this PM2, of ${file}${existsSync(file) ? '' : ', a file that is not there any more'}`;
}

function renamed(file: string): string {
  const folder = basename(dirname(file))
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return `In ${basename(file)} or backend.yaml: lifeguard: { name: lifeguard-${folder || 'two'} }`;
}
