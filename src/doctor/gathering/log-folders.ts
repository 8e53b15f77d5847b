import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LogFolder } from '../facts.ts';

const DAY_MS = 86_400_000;

/** The folders that logs go to, each with its disk. @param now wall clock, ms */
export async function logFolders(directories: readonly string[], now: number): Promise<LogFolder[]> {
  return Promise.all(
    [...new Set(directories)].map(async (directory) => {
      const exists = existsSync(directory);
      const { bavail, blocks, bsize } = await statfs(exists ? directory : nearestAbove(directory));
      return {
        directory,
        exists,
        writable: exists && isWritable(directory),
        freeBytes: bavail * bsize,
        totalBytes: blocks * bsize,
        writtenPerDayBytes: exists ? writtenSince(directory, now - DAY_MS) : 0,
      };
    }),
  );
}

function nearestAbove(directory: string): string {
  return existsSync(directory) ? directory : nearestAbove(dirname(directory));
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The size of the files that were changed since: a live log that is older than that counts whole, so this is rather too much. */
function writtenSince(directory: string, since: number): number {
  return readdirSync(directory).reduce((sum, name) => {
    const stats = statSync(join(directory, name), { throwIfNoEntry: false });
    return stats?.isFile() && stats.mtimeMs >= since ? sum + stats.size : sum;
  }, 0);
}
