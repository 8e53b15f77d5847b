import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import type { ExportPlan } from './plan.ts';

export interface WrittenFile {
  readonly path: string;
  readonly what: 'new' | 'unchanged' | 'replaced';
}

/**
 * Writes the files of a plan into a folder. A file that is there and says something else may have been edited: without `force`
 * nothing at all is written then.
 * @throws LifeguardError `would-overwrite`
 */
export function writePlan({ files }: ExportPlan, folder: string, { force }: { readonly force: boolean }): readonly WrittenFile[] {
  const looked = files.map(({ path, text }) => ({ path, text, what: compared(join(folder, path), text) }));
  const differing = looked.filter(({ what }) => what === 'replaced').map(({ path }) => path);
  if (differing.length > 0 && !force)
    throw new LifeguardError(
      'would-overwrite',
      `in ${folder} these files are there and differ: ${differing.join(', ')}. Nothing was written`,
      {
        hint: 'Write to another folder with --output and compare, or replace them with --force.',
      },
    );
  for (const { path, text, what } of looked) {
    if (what === 'unchanged') continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return looked.map(({ path, what }) => ({ path, what }));
}

function compared(file: string, text: string): WrittenFile['what'] {
  try {
    return readFileSync(file, 'utf8') === text ? 'unchanged' : 'replaced';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'new';
    throw error;
  }
}
