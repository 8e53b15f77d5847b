import { constants } from 'node:fs';
import { lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeIfThere } from '../on-disk/regular-file.ts';
import { gzip } from './gzip.ts';

/** `.api-out-2026-11-24T00-00-00Z.log.gz.partial`: what is being written; a leftover is worth nothing. */
export function partialName(plain: string): string {
  return join(dirname(plain), `.${basename(plain)}.gz.partial`);
}

/**
 * Compresses a rotated file. At every moment there is either the plain file or the whole compressed one under a name that counts; where
 * a kill left both, the compressed one is whole (it got its name after its bytes were on the disk), and the plain one goes.
 * @returns the compressed size in bytes
 * @throws the file system's error (ENOSPC, …), or one with `code` STILL_WRITTEN, with the plain file as it was and nothing else left
 */
export async function compress(plain: string): Promise<number> {
  const done = `${plain}.gz`;
  const partial = partialName(plain);
  if (!(await exists(done))) {
    removeIfThere(partial);
    try {
      await compressTo(plain, partial);
      await rename(partial, done);
      await syncDirectory(dirname(plain));
    } catch (error) {
      removeIfThere(partial);
      throw error;
    }
  }
  await unlink(plain);
  return (await lstat(done)).size;
}

async function compressTo(plain: string, partial: string): Promise<void> {
  const from = await open(plain, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { atime, mtime, uid, gid, mode, size } = await from.stat();
    const to = await open(partial, 'wx', 0o600);
    try {
      await gzip(from, to);
      const made = await to.stat();
      if (made.uid !== uid || made.gid !== gid) await to.chown(uid, gid);
      await to.chmod(mode & 0o666);
      await to.utimes(atime, mtime);
      await to.sync();
    } finally {
      await to.close();
    }
    if ((await from.stat()).size !== size) {
      throw Object.assign(new Error(`${plain} was written to while it was compressed`), { code: 'STILL_WRITTEN' });
    }
  } finally {
    await from.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** So that a power cut does not undo the rename and keep the unlink that follows. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
