import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { constants as os, setPriority } from 'node:os';

/**
 * Compresses one open file into another. By the system's `gzip` at the lowest priority where there is one: it takes the processor only when
 * no backend wants it, and no memory of this process. Else in this process, in chunks (11 MB of memory).
 * @throws the file system's error (`code` ENOSPC, EDQUOT, …), or one with `code` GZIP
 */
export async function gzip(from: FileHandle, to: FileHandle): Promise<void> {
  const child = spawn('gzip', ['-c'], { stdio: [from.fd, to.fd, 'pipe'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  const ended = once(child, 'close');
  try {
    if (child.pid !== undefined) setPriority(child.pid, os.priority.PRIORITY_LOW);
  } catch {
    // It has ended already.
  }
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const failure = await ended.then(
    ([status]) => (status === 0 ? null : failureOf(complaint, status)),
    (error: NodeJS.ErrnoException) => error,
  );
  if (failure?.code === 'ENOENT') return gzipHere(from, to);
  if (failure !== null) throw failure;
}

function failureOf(complaint: string, status: unknown): NodeJS.ErrnoException {
  const code = /No space left/.test(complaint) ? 'ENOSPC' : /quota exceeded/.test(complaint) ? 'EDQUOT' : 'GZIP';
  return Object.assign(new Error(`gzip: ${complaint.trim() || `ended with ${status}`}`), { code });
}

const CHUNK_BYTES = 64 * 1024;

/** One buffer for what is read, one chunk written at a time: streams piped into each other would take 35 MB. */
async function gzipHere(from: FileHandle, to: FileHandle): Promise<void> {
  // Takes over 1 MB of memory: loaded where there is no gzip.
  const gz = process.getBuiltinModule('node:zlib').createGzip({ chunkSize: CHUNK_BYTES });
  let failure: unknown = null;
  gz.on('data', (chunk: Buffer) => {
    gz.pause();
    writeAll(to, chunk).then(
      () => gz.resume(),
      (error: unknown) => {
        failure = error;
        gz.resume();
      },
    );
  });
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let position = 0; failure === null; ) {
    const { bytesRead } = await from.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    await new Promise<void>((resolve, reject) => {
      gz.write(buffer.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve()));
    });
  }
  gz.end();
  await once(gz, 'end');
  if (failure !== null) throw failure;
}

async function writeAll(to: FileHandle, chunk: Buffer): Promise<void> {
  for (let done = 0; done < chunk.length; ) done += (await to.write(chunk, done)).bytesWritten;
}
