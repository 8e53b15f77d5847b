import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

/** A project as a reader looks at it: read once, never changed. */
export interface ProjectFolder {
  readonly path: string;
  readonly name: string;
  has(file: string): boolean;
  /** null: it is not there, or is larger than source is. */
  read(file: string): string | null;
  /** The files with one of these extensions, relative, the nearest to the top first. Not those of packages, tests and builds. */
  sources(...extensions: readonly string[]): readonly string[];
}

const SKIPPED = new Set([
  'node_modules',
  'venv',
  'env',
  'dist',
  'build',
  'site-packages',
  '__pycache__',
  'logs',
  'data',
  'tests',
  'test',
  'migrations',
]);
const DEPTH = 4;
const MOST_FILES = 2_000;
const MOST_BYTES = 512 * 1024;

export function projectFolder(path: string): ProjectFolder {
  let listed: readonly string[] | null = null;
  return {
    path,
    name: basename(path),
    has: (file) => existsSync(join(path, file)),
    read: (file) => textOf(join(path, file)),
    sources(...extensions) {
      listed ??= filesBelow(path);
      return listed.filter((file) => extensions.includes(extname(file)));
    },
  };
}

function textOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size > MOST_BYTES) return null;
  return readFileSync(file, 'utf8');
}

/** Level by level. */
function filesBelow(root: string): string[] {
  const files: string[] = [];
  let level = [''];
  for (let depth = 0; depth <= DEPTH && level.length > 0 && files.length < MOST_FILES; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))) {
        const place = join(folder, entry.name);
        if (entry.isFile()) files.push(place);
        else if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name)) next.push(place);
      }
    }
    level = next;
  }
  return files;
}
