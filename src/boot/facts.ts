import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../ecosystem/package-root.ts';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import { killTimeoutOf } from '../pm2/kill-timeout.ts';
import type { Ownership } from '../pm2/ownership/owner.ts';
import type { Pm2Process } from '../pm2/types.ts';
import type { BootFacts } from './unit.ts';

/** systemd's own default: a shorter one would be a surprise. */
const LEAST_STOP_MS = 90_000;
/** On a machine where all starts at once; and for each app, in whole minutes: one more app is no reason to write the unit anew. */
const LEAST_START_MS = 90_000;
const START_EACH_MS = 1_000;
const SPARE_MS = 15_000;

/** What the unit says of this PM2, its user and the project that asks. */
export function bootFacts(
  user: string,
  pm2Home: string,
  listed: readonly Pm2Process[],
  { file, isOurs }: Pick<Ownership, 'file' | 'isOurs'>,
): BootFacts {
  const packageFolder = packageFolderFrom(dirname(file));
  const folders = listed.filter(isOurs).map(({ env }) => String(env.pm_cwd));
  const stopMs = listed.reduce((sum, { env }) => sum + killTimeoutOf(env), SPARE_MS);
  return {
    user,
    pm2Home,
    node: process.execPath,
    file,
    packageFolder,
    needs: outermost([pm2Home, packageFolder, dirname(file), ...folders]),
    startMs: Math.max(LEAST_START_MS, Math.ceil((START_EACH_MS * listed.length) / 60_000) * 60_000),
    stopMs: Math.max(LEAST_STOP_MS, Math.ceil(stopMs / 1_000) * 1_000),
  };
}

/** This package by the path on which the project reaches it: `current/node_modules/…` stays right at the next release. */
function packageFolderFrom(project: string): string {
  const root = realpathSync(PACKAGE_ROOT);
  const ways = [project, join(project, 'node_modules/pm2-lifeguard')];
  return ways.find((way) => isAt(way, root)) ?? root;
}

function isAt(way: string, root: string): boolean {
  try {
    return realpathSync(way) === root;
  } catch {
    return false;
  }
}

function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders)].sort();
  return all.filter((folder) => !all.some((other) => other !== folder && folder.startsWith(`${other}/`)));
}

/** @throws LifeguardError `usage` for a user that there is not */
export function homeOf(user: string): string {
  const { stdout } = spawnSync('getent', ['passwd', user], { encoding: 'utf8', timeout: 5_000 });
  const home = stdout?.trim().split(':')[5];
  if (home) return home;
  throw new LifeguardError('usage', `there is no user ${user} here`);
}
