import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { IncidentRecord } from './journal.ts';

const PIECE_BYTES = 64 * 1024;

/**
 * The last `count` records of a journal, oldest first. Read from the end, so the file's size does not matter. Lines that are no
 * record (torn by a power cut or a full disk) are passed over; a missing file has none.
 * @throws Error when the file is there and can't be read
 */
export function readIncidents(file: string, count: number): IncidentRecord[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return readBackwards(descriptor, count);
  } finally {
    closeSync(descriptor);
  }
}

function readBackwards(descriptor: number, count: number): IncidentRecord[] {
  const newestFirst: IncidentRecord[] = [];
  let at = fstatSync(descriptor).size;
  // Bytes, as a piece may begin in the middle of a character.
  let rest: Buffer = Buffer.alloc(0);
  while (at > 0 && newestFirst.length < count) {
    const length = Math.min(PIECE_BYTES, at);
    at -= length;
    const piece = Buffer.alloc(length);
    readSync(descriptor, piece, 0, length, at);
    const text = Buffer.concat([piece, rest]);
    const firstBreak = at === 0 ? -1 : text.indexOf(0x0a);
    if (at > 0 && firstBreak < 0) {
      rest = text;
      continue;
    }
    rest = text.subarray(0, Math.max(0, firstBreak));
    newestFirst.push(...recordsIn(text.subarray(firstBreak + 1).toString('utf8')).reverse());
  }
  return newestFirst.slice(0, count).reverse();
}

/** The records of some lines, in their order; what is none is passed over. */
export function recordsIn(text: string): IncidentRecord[] {
  return text.split('\n').flatMap(recordIn);
}

/** The record that a line of a journal holds; none where the line is no record (torn by a power cut or a full disk). */
export function recordIn(line: string): IncidentRecord[] {
  try {
    const record = JSON.parse(line) as IncidentRecord | null;
    return typeof record?.time === 'string' && typeof record.backend === 'string' ? [record] : [];
  } catch {
    return [];
  }
}
