import { lstatSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { partialName } from './archive.ts';
import { wasCut } from './cut.ts';
import { type Found, namesIn, rotatedFilesOf } from './directory.ts';
import { parseRotated } from './names.ts';
import { fileId } from './open-files.ts';
import type { LogSource } from './sources.ts';
import { joinTornLine, noteName } from './stitch.ts';
import { nextName, removeIfThere } from './swap.ts';

/**
 * Puts one live file's directory in order after a start: whatever a kill left half-done is taken back or finished.
 * @returns the rotated files that still have to be looked after (joined, compressed), oldest first
 */
export function recover(source: LogSource): Found[] {
  const directory = dirname(source.path);
  const names = namesIn(directory);
  const live = lstatSync(source.path, { bigint: true, throwIfNoEntry: false });
  removeIfThere(nextName(source.path));
  finishCuts(source.path, names);
  removeLeftovers(source.path, names);
  const plain = rotatedFilesOf(source.path).filter((file) => !file.compressed);
  return plain.filter((file) => {
    // A second name that was given but not used: the live file still has all of it.
    if (live && file.id === fileId(live)) {
      removeIfThere(file.path);
      return false;
    }
    if (names.includes(basename(noteName(file.path)))) joinTornLine(file.path, null);
    return true;
  });
}

/** A copy of a file that is cut (see cut.ts) is kept if the file had been truncated, else the file still has it all. */
function finishCuts(live: string, names: readonly string[]): void {
  const directory = dirname(live);
  for (const name of names) {
    const [, rotated] = /^\.(.+)\.copy$/.exec(name) ?? [];
    if (rotated === undefined || parseRotated(basename(live), rotated)?.compressed !== false) continue;
    if (wasCut(live, join(directory, name))) renameSync(join(directory, name), join(directory, rotated));
    else removeIfThere(join(directory, name));
  }
}

/** Half-written archives and notes of files that are there no more. */
function removeLeftovers(live: string, names: readonly string[]): void {
  const directory = dirname(live);
  for (const name of names) {
    const [, plain, kind] = /^\.(.+)(\.gz\.partial|\.join|\.join\.new)$/.exec(name) ?? [];
    if (plain === undefined || parseRotated(basename(live), plain)?.compressed !== false) continue;
    if (kind === '.join' && names.includes(plain)) continue;
    removeIfThere(kind === '.gz.partial' ? partialName(join(directory, plain)) : join(directory, name));
  }
}
