import { type FileHandle, open } from 'node:fs/promises';
import type { IncidentRecord, JournalPosition } from './journal.ts';
import { recordsIn } from './read-incidents.ts';

/** Of what was written meanwhile the last so much is read. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface Since {
  /** Oldest first. */
  readonly records: readonly IncidentRecord[];
  /** Where the journal ends now. */
  readonly end: JournalPosition;
}

/**
 * What was added to a journal since a place in it. Of one that was rotated since, what is newer than `time`.
 * @param time ISO 8601, of the last record that is known
 * @throws Error when the file is there and can't be read
 */
export async function readSince(file: string, position: JournalPosition, time: string): Promise<Since> {
  const handle = await opened(file);
  if (handle === null) return { records: [], end: position };
  try {
    const { ino: inode, size } = await handle.stat();
    const isSame = inode === position.inode && size >= position.offset;
    const from = Math.max(isSame ? position.offset : 0, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - from);
    await handle.read(buffer, 0, buffer.length, from);
    const records = recordsIn(buffer.toString('utf8'));
    return { records: isSame ? records : records.filter((record) => record.time > time), end: { inode, offset: size } };
  } finally {
    await handle.close();
  }
}

async function opened(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
