import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This package's folder, whether this runs from src/ or from dist/src/. */
export const PACKAGE_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A file of this package's bin/, absolute. */
export function binFile(name: string): string {
  return join(PACKAGE_ROOT, 'bin', name);
}

/** The compiled file of a source of this package (`probes/lifeguard.probe.ts`) if it is built, else the source. */
export function builtOrSource(source: string): { readonly script: string; readonly built: boolean } {
  const built = join(PACKAGE_ROOT, 'dist', source.replace(/\.ts$/, '.js'));
  return existsSync(built) ? { script: built, built: true } : { script: join(PACKAGE_ROOT, source), built: false };
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : findRoot(dirname(folder));
}
