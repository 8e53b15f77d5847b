import { closeSync, constants, fstatSync, linkSync, lstatSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createLike, removeIfThere, withRegular } from '../on-disk/regular-file.ts';

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
 * an empty file of the same owner and rights beside it. Nothing has changed for anybody yet: killed here, both are simply removed at the next start.
 * @throws the file system's error (ENOSPC, EEXIST, EPERM, …), with nothing left behind
 */
export function prepareSwap(live: string, rotated: string): PreparedSwap {
  const next = nextName(live);
  return withRegular(live, constants.O_RDONLY, (fd) => {
    const old = fstatSync(fd);
    removeIfThere(next);
    linkSync(live, rotated);
    try {
      if (lstatSync(rotated).ino !== old.ino)
        throw Object.assign(new Error(`${live} was replaced meanwhile`), { code: 'REPLACED' });
      closeSync(createLike(next, old));
      return { live, rotated, next };
    } catch (error) {
      removeIfThere(rotated);
      throw error;
    }
  });
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
