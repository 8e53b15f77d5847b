import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The last lines of a text file, oldest first, without the empty ones. Reads at most `maxBytes` from its end, whatever its size;
 * a line that begins before that is left out. [] when the file is missing, can't be read, or was last written before `since` (ms since 1970).
 */
export function lastLines(file: string, { maxBytes = 64 * 1024, since = 0 } = {}): string[] {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, 'r');
    const { size, mtimeMs } = fstatSync(descriptor);
    if (mtimeMs < since) return [];
    const from = Math.max(0, size - maxBytes);
    const buffer = Buffer.alloc(size - from);
    const bytesRead = readSync(descriptor, buffer, 0, buffer.length, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return (from > 0 ? lines.slice(1) : lines).map((line) => line.trimEnd()).filter((line) => line !== '');
  } catch {
    return [];
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
