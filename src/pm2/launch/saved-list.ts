import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../host/replace-file.ts';
import { lifeguardFolder } from '../home.ts';
import type { App, Ownership } from '../ownership/owner.ts';
import type { Pm2Process } from '../types.ts';
import { digestIn } from './config-file.ts';

/** What `pm2 save` writes and `pm2 resurrect` reads, and the copy that PM2 falls back to. */
const LIST = 'dump.pm2';
const COPY = 'dump.pm2.bak';

/** One app as PM2 has saved it: its `pm2_env`. */
type Saved = Readonly<Record<string, unknown>>;

/** What PM2 itself leaves out of an entry (lib/API/Startup.js, dump). */
const NOT_SAVED = ['instances', 'pm_id', 'prev_restart_delay'];

/** Which configurations a lifeguard may be started with by `pm2 resurrect`. */
export function digestsInSavedList(pm2Home: string): string[] {
  return [LIST, COPY].flatMap((name) => savedIn(join(pm2Home, name)) ?? []).flatMap((app) => digestIn(app) ?? []);
}

/** The apps in PM2's saved list. */
export function savedApps(pm2Home: string): App[] {
  return (savedIn(join(pm2Home, LIST)) ?? []).map(appIn);
}

/**
 * Takes the apps of an ecosystem file out of PM2's saved list: all of them, so that a boot brings back none. Everybody else's stay as
 * they are. That they were in it is remembered until they are put back.
 * @returns the names of those that were in it
 * @throws the system's error when it cannot be written; then it is as it was
 */
export function takeOutOfSavedList(pm2Home: string, { file: owner, isOurs }: Ownership): string[] {
  const gone = new Set<string>();
  for (const name of [LIST, COPY]) {
    change(join(pm2Home, name), (apps) => {
      const ours = apps.map(appIn).filter(isOurs);
      for (const { name } of ours) gone.add(name);
      return apps.filter((saved) => !isOurs(appIn(saved)));
    });
  }
  if (gone.size > 0) remember(pm2Home, [...takenOut(pm2Home).filter((other) => other !== owner), owner]);
  return [...gone];
}

/**
 * Puts back what {@link takeOutOfSavedList} took out, as it runs now; nothing where it took out nothing. `isAll`: nothing is left out of it.
 * @returns whether it did
 */
export function putBackIntoSavedList(
  pm2Home: string,
  ownership: Ownership,
  listed: readonly Pm2Process[],
  isAll: boolean,
): boolean {
  const owners = takenOut(pm2Home);
  const { file: owner, isOurs } = ownership;
  if (!owners.includes(owner) || !listed.some(isOurs)) return false;
  putIntoSavedList(pm2Home, ownership, listed);
  if (isAll)
    remember(
      pm2Home,
      owners.filter((other) => other !== owner),
    );
  return true;
}

/** Puts the apps of an ecosystem file into PM2's saved list as they run now, in place of what it had of them. */
export function putIntoSavedList(pm2Home: string, { isOurs }: Ownership, listed: readonly Pm2Process[]): void {
  const entries = listed
    .filter(isOurs)
    .map(({ env }) => Object.fromEntries(Object.entries(env).filter(([key]) => !NOT_SAVED.includes(key))));
  change(join(pm2Home, LIST), (apps) => [...apps.filter((saved) => !isOurs(appIn(saved))), ...entries]);
}

function takenOut(pm2Home: string): readonly string[] {
  return (parsed(takenOutFile(pm2Home)) as string[] | null) ?? [];
}

function remember(pm2Home: string, owners: readonly string[]): void {
  writeFileSync(takenOutFile(pm2Home), JSON.stringify(owners), { mode: 0o600 });
}

function takenOutFile(pm2Home: string): string {
  return join(lifeguardFolder(pm2Home), 'taken-out-of-saved-list.json');
}

/** Whole or not at all: a reader, or a machine that loses its power, finds the old list or the new one. A damaged list is left to PM2. */
function change(path: string, make: (apps: readonly Saved[]) => readonly Saved[]): void {
  const apps = savedIn(path);
  if (apps === null) return;
  const changed = make(apps);
  if (JSON.stringify(changed) === JSON.stringify(apps)) return;
  const isThere = existsSync(path);
  const file = isThere ? realpathSync(path) : path;
  replaceFile(file, JSON.stringify(changed, null, 2), { mode: isThere ? statSync(file).mode & 0o777 : 0o600, flush: true });
}

/** null: it is damaged. */
function savedIn(file: string): readonly Saved[] | null {
  if (!existsSync(file)) return [];
  const apps = parsed(file);
  return Array.isArray(apps) ? (apps as Saved[]) : null;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function appIn(saved: Saved): App {
  return { name: typeof saved.name === 'string' ? saved.name : '', env: saved };
}
