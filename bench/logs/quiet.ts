import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const QUIET_MS = 1_500;

/**
 * Whether no line of a writer has come for a while: what a worker or the daemon still had in hand has arrived. A cluster worker that
 * reopens its log writes a line of PM2's own to it, which is none of them.
 */
export function quietIn(directory: string): () => boolean {
  const seen = new Map<string, number>();
  let lastAt = Date.now();
  return () => {
    for (const name of readdirSync(directory).filter((each) => /^w-out(-\d)?\.log$/.test(each))) {
      const path = join(directory, name);
      const { mtimeMs, size } = statSync(path);
      if (mtimeMs !== seen.get(path) && size > 0 && !endOf(path).endsWith('Reloading log...\n')) lastAt = Date.now();
      seen.set(path, mtimeMs);
    }
    return Date.now() - lastAt > QUIET_MS;
  };
}

function endOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const end = Buffer.alloc(64);
    const bytes = readSync(file, end, 0, end.length, Math.max(0, fstatSync(file).size - end.length));
    return end.toString('latin1', 0, bytes);
  } finally {
    closeSync(file);
  }
}
