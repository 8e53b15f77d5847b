import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { LogFile } from './log-files.ts';

/** A line is not read further than this: what is longer is no text. */
const LONGEST = 64 * 1024;

/**
 * The lines of a log file, compressed or not, one after the other, in little memory. An archive that is cut off gives what can be read
 * of it, a file that is gone nothing.
 */
export async function* linesIn({
  path,
  compressed,
  bytes,
}: Pick<LogFile, 'path' | 'compressed' | 'bytes'>): AsyncGenerator<string> {
  if (bytes === 0) return;
  const file = createReadStream(path, bytes === null ? {} : { end: bytes - 1 });
  const input: Readable = compressed ? pipeline(file, createGunzip(), () => undefined) : file;
  input.on('error', () => undefined);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) if (line !== '') yield line.length > LONGEST ? line.slice(0, LONGEST) : line;
  } catch {
    // told by what is missing
  } finally {
    lines.close();
    file.destroy();
  }
}
