import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file whole or not at all: who reads it meanwhile finds the old text or the new one. Its folder has to be there.
 * @param flush it is on the disk before this returns, so that not even a power cut leaves half of it
 * @throws an error of node:fs
 */
export function replaceFile(file: string, text: string, { mode = 0o600, flush = false } = {}): void {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text, { mode, flush });
  renameSync(fresh, file);
  if (flush) flushFolder(dirname(file));
}

/** The names in it are on the disk too, and those that are gone from it. Where a folder cannot be flushed, that is left to the system. */
export function flushFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Windows, some network file systems: the rename is whole all the same.
  }
}
