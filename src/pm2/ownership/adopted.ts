import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../host/replace-file.ts';
import { lifeguardFolder } from '../home.ts';
import type { Pm2Process } from '../types.ts';
import type { AppRecord } from './record.ts';

/**
 * An app that was taken over as it ran. PM2 has no call that writes a record into a running app, so it is kept here until our own
 * restart of the app does that.
 */
export interface Adoption extends AppRecord {
  readonly app: string;
  /** Of what PM2 runs: an app that somebody starts under the name later is another one, unless it is the very same. */
  readonly fingerprint: string;
}

/** What of an app in PM2's list or dump stays as it is through restarts, `pm2 save` and a boot. */
export function fingerprintOf({ env }: Pick<Pm2Process, 'env'>): string {
  const executed = ['pm_exec_path', 'args', 'pm_cwd', 'exec_interpreter', 'node_args', 'exec_mode'].map(
    (key) => env[key] ?? null,
  );
  return createHash('sha256').update(JSON.stringify(executed)).digest('hex').slice(0, 16);
}

/** Of one app of this PM2's list or dump; null: it was not taken over. */
export function adoptionOf(process: Pick<Pm2Process, 'name' | 'env'>, adoptions: readonly Adoption[]): Adoption | null {
  const found = adoptions.find(({ app }) => app === process.name);
  return found && found.fingerprint === fingerprintOf(process) ? found : null;
}

/** All that were taken over in this PM2. */
export function readAdoptions(pm2Home: string): readonly Adoption[] {
  try {
    return JSON.parse(readFileSync(fileIn(pm2Home), 'utf8')) as Adoption[];
  } catch {
    return [];
  }
}

/** The same, read again only when it has changed: for whoever asks each second. */
export function adoptionsIn(pm2Home: string): () => readonly Adoption[] {
  let last: { readonly at: number; readonly adoptions: readonly Adoption[] } | null = null;
  return () => {
    const at = statSync(fileIn(pm2Home), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (last?.at !== at) last = { at, adoptions: readAdoptions(pm2Home) };
    return last.adoptions;
  };
}

/** Whole or not at all. */
export function writeAdoptions(pm2Home: string, adoptions: readonly Adoption[]): void {
  const file = fileIn(pm2Home);
  if (JSON.stringify(readAdoptions(pm2Home)) === JSON.stringify(adoptions)) return;
  mkdirSync(lifeguardFolder(pm2Home), { recursive: true, mode: 0o700 });
  replaceFile(file, JSON.stringify(adoptions, null, 2), { flush: true });
}

function fileIn(pm2Home: string): string {
  return join(lifeguardFolder(pm2Home), 'adopted.json');
}
