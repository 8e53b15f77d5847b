import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This package's folder, whether this runs from src/ or from dist/src/. */
export const PACKAGE_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Shared with the programs in bin/, which have to decide the same before any TypeScript can be loaded. */
const { built } = createRequire(import.meta.url)(join(PACKAGE_ROOT, 'bin/built.cjs')) as { built(source: string): string | null };

/** A file of this package's bin/, absolute. */
export function binFile(name: string): string {
  return join(PACKAGE_ROOT, 'bin', name);
}

/** The compiled file of a source of this package (`probes/lifeguard.probe.ts`) if it is built and up to date, else the source. */
export function builtOrSource(source: string): { readonly script: string; readonly built: boolean } {
  const file = built(source);
  return { script: file ?? join(PACKAGE_ROOT, source), built: file !== null };
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) || dirname(folder) === folder ? folder : findRoot(dirname(folder));
}
