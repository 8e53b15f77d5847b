import { chmodSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, canReach, chooseAccount, isRoot } from './account.ts';
import { type Binaries, complete, copyBinaries, findBinaries } from './binaries.ts';

/** Where the embedded PostgreSQL lives. */
export interface Place {
  /** The data folder of PostgreSQL (PGDATA), absolute; it may not exist yet. */
  readonly cluster: string;
  /** Where people look for it; a link to `cluster` when that lies elsewhere. */
  readonly link: string;
  readonly account: Account;
  readonly binaries: Binaries;
}

/**
 * Data in `directory`/postgres, programs where npm put them. Only where that cannot work do they go elsewhere: as root, below a
 * folder that PostgreSQL's account may not pass (a clone in /root), into `stateDirectory`, with a link in `directory`; and programs
 * that need completing in a folder that is not ours to write, into `directory`.
 */
export function choosePlace(directory: string, stateDirectory: string): Place {
  mkdirSync(directory, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const link = join(directory, 'postgres');
  const existing = statSync(link, { throwIfNoEntry: false }) ? realpathSync(link) : null;
  const account = chooseAccount(existing ?? link);
  const reachable = canReach(realpathSync(directory), account);
  const cluster = existing ?? join(reachable ? realpathSync(directory) : newFolder(stateDirectory), 'postgres');
  const elsewhere = reachable && !isRoot ? directory : stateDirectory;
  const found = findBinaries();
  const usable = complete(found.folder) && canReach(join(found.folder, 'bin'), account);
  return { cluster, link, account, binaries: usable ? found : copyBinaries(found, elsewhere) };
}

/** Is `link` missing or broken, and the data elsewhere? */
export function needsLink({ link, cluster }: Place): boolean {
  return cluster !== link && lstatSync(link, { throwIfNoEntry: false })?.isDirectory() !== true;
}

function newFolder(stateDirectory: string): string {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(stateDirectory, 'cluster-'));
  chmodSync(folder, 0o711);
  return folder;
}
