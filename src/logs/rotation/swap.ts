import { chownSync, closeSync, constants, linkSync, lstatSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Log files may hold what users typed: readable by their owner and group only. */
export const FILE_MODE = 0o640;

/** A live file that is ready to be swapped: its lines have their second name, and the empty file that follows it lies beside. */
export interface PreparedSwap {
  readonly live: string;
  readonly rotated: string;
  readonly next: string;
}

/** `.api-out.log.next`: hidden, so that neither a shipper's pattern nor ours takes it for a log. */
export function nextName(live: string): string {
  return join(dirname(live), `.${basename(live)}.next`);
}

/**
 * Gives the live file its rotated name as a second one (a hard link: it fails when that name is taken, and never replaces a file) and lays
 * an empty file of the same owner beside it. Nothing has changed for anybody yet: killed here, both are simply removed at the next start.
 * @throws the file system's error (ENOSPC, EEXIST, EPERM, …), with nothing left behind
 */
export function prepareSwap(live: string, rotated: string): PreparedSwap {
  const next = nextName(live);
  removeIfThere(next);
  linkSync(live, rotated);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    closeSync(openSync(next, flags, FILE_MODE));
    const old = lstatSync(live);
    const made = lstatSync(next);
    if (old.uid !== made.uid || old.gid !== made.gid) chownSync(next, old.uid, old.gid);
    return { live, rotated, next };
  } catch (error) {
    removeIfThere(next);
    removeIfThere(rotated);
    throw error;
  }
}

/** The one step that counts, atomic: from now on the live name is the empty file. There is no moment without a live file. */
export function swap(prepared: PreparedSwap): void {
  renameSync(prepared.next, prepared.live);
}

/** Takes a prepared swap back that was not made. */
export function undoSwap(prepared: PreparedSwap): void {
  removeIfThere(prepared.next);
  removeIfThere(prepared.rotated);
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
