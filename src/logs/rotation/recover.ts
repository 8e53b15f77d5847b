import { lstatSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileId } from '../../host/file-id.ts';
import { partialName } from '../archives/archive.ts';
import { noteName } from '../archives/note.ts';
import { finishTornLine } from '../archives/stitch.ts';
import { type Found, rotatedFilesOf } from '../on-disk/directory.ts';
import { Listing } from '../on-disk/listing.ts';
import { parseRotated } from '../on-disk/names.ts';
import { removeIfThere } from '../on-disk/regular-file.ts';
import type { LogSource } from '../sources.ts';
import { wasCut } from './cut.ts';
import { nextName } from './swap.ts';

/**
 * Puts one live file's directory in order after a start: whatever a kill left half-done is taken back or finished.
 * @param listing as the directory was before
 * @returns the rotated files that still have to be looked after (joined, compressed), oldest first
 */
export function recover(source: LogSource, listing: Listing = Listing.read(dirname(source.path))): Found[] {
  const live = lstatSync(source.path, { bigint: true, throwIfNoEntry: false });
  removeIfThere(nextName(source.path));
  const finished = finishCuts(source.path, listing);
  removeLeftovers(source.path, listing);
  const plain = rotatedFilesOf(source.path, finished ? undefined : listing).filter((file) => !file.compressed);
  return plain.filter((file) => {
    // A second name that was given but not used: the live file still has all of it.
    if (live && file.id === fileId(live)) {
      removeIfThere(file.path);
      return false;
    }
    if (listing.names.has(basename(noteName(file.path)))) finishTornLine(file.path, source.path);
    return true;
  });
}

/**
 * A copy of a file that is cut (see cut.ts) is kept if the file had been truncated, else the file still has it all.
 * @returns whether one was kept
 */
function finishCuts(live: string, listing: Listing): boolean {
  const directory = dirname(live);
  let kept = false;
  for (const name of listing.of(live)) {
    const [, rotated] = /^\.(.+)\.copy$/.exec(name) ?? [];
    if (rotated === undefined || parseRotated(basename(live), rotated)?.compressed !== false) continue;
    const copy = join(directory, name);
    if (!lstatSync(copy, { throwIfNoEntry: false })?.isFile()) continue;
    if (wasCut(live, copy)) {
      renameSync(copy, join(directory, rotated));
      kept = true;
    } else removeIfThere(copy);
  }
  return kept;
}

/** Half-written archives and notes of files that are there no more. */
function removeLeftovers(live: string, listing: Listing): void {
  const directory = dirname(live);
  for (const name of listing.of(live)) {
    const [, plain, kind] = /^\.(.+)(\.gz\.partial|\.join|\.join\.new)$/.exec(name) ?? [];
    if (plain === undefined || parseRotated(basename(live), plain)?.compressed !== false) continue;
    if (kind === '.join' && listing.names.has(plain)) continue;
    removeIfThere(kind === '.gz.partial' ? partialName(join(directory, plain)) : join(directory, name));
  }
}
