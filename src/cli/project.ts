import { existsSync } from 'node:fs';
import type { WatchConfig } from '../config/resolved.ts';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import { ecosystemFileIn } from '../pm2/command-line/ecosystem-files.ts';
import { configOf } from '../pm2/launch/config-file.ts';
import { readAdoptions } from '../pm2/ownership/adopted.ts';
import { logicalPath } from '../pm2/ownership/logical-path.ts';
import { type Ownership, ownershipOf } from '../pm2/ownership/owner.ts';
import type { Pm2Process } from '../pm2/types.ts';

/** What is to be looked at of a project: its apps, and what its lifeguard is called. */
export type Watched = Pick<WatchConfig, 'name' | 'owner' | 'journal' | 'backends' | 'companions' | 'alerts' | 'dashboard'>;

/** Whose the apps of this PM2's list are, seen from an ecosystem file. */
export function ownershipHere(pm2Home: string, file: string, listed: readonly Pm2Process[]): Ownership {
  return ownershipOf(file, { apps: listed, adoptions: readAdoptions(pm2Home) });
}

/**
 * Which ecosystem file is meant: the one that is named or lies here; else the only one that has apps in this PM2. null: there is none.
 * @throws LifeguardError `usage` when there are several
 */
export function fileMeant(pm2Home: string, named: string | undefined, listed: readonly Pm2Process[]): string | null {
  const here = named ?? ecosystemFileIn('.');
  if (named !== undefined || existsSync(here)) return logicalPath(here);
  const { ownerOf } = ownershipHere(pm2Home, here, listed);
  const files = [...new Set(listed.flatMap((process) => ownerOf(process)?.file ?? []))];
  if (files.length <= 1) return files[0] ?? null;
  throw new LifeguardError('usage', `this PM2 runs ${files.length} projects, and there is no ${here} here`, {
    hint: `Say which one with --config FILE:\n${files.map((file) => `  ${file}`).join('\n')}`,
  });
}

/** What the lifeguard of this ecosystem file goes by, or went by; null: nothing of the file is in PM2's list. */
export function runningConfig(pm2Home: string, file: string, listed: readonly Pm2Process[]): WatchConfig | null {
  const { file: owner, isOurs, ownerOf } = ownershipHere(pm2Home, file, listed);
  const ours = listed.filter(isOurs);
  if (ours.length === 0) return null;
  return configOf(
    pm2Home,
    owner,
    ours.find((process) => ownerOf(process)?.role === 'watcher'),
  );
}
