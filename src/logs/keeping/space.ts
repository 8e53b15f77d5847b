import { statfs } from 'node:fs/promises';

/** Below this a disk counts as full: the next burst of lines may be refused. */
export const FULL_BYTES = 64 * 1024;
/** From here on there is room for lines again. */
export const ROOM_BYTES = 256 * 1024;
/** This much is not filled within seconds. */
export const PLENTY_BYTES = 4 * 1024 ** 3;
/** Fewer free inodes than this are none. */
const FEW_INODES = 16;

/** What this process's user may still write in the file system of `directory`; 0 when it has no inodes left, Infinity when it cannot be told. */
export async function freeBytesIn(directory: string): Promise<number> {
  try {
    const { bsize, bavail, bfree, files, ffree } = await statfs(directory);
    if (files > 0 && ffree < FEW_INODES) return 0;
    return bsize * (process.getuid?.() === 0 ? bfree : bavail);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
