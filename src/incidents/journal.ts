import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JournalEntry } from '../policy/action.ts';

/** One line of `logs/incidents.jsonl`: what was decided about one backend, when, and why. */
export interface IncidentRecord extends JournalEntry {
  /** Wall clock, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  readonly backend: string;
  /** Of the process that it is about, where there is one. */
  readonly pid?: number | null;
  /** The folder of evidence taken before the process was touched, relative to the journal. */
  readonly evidence?: string;
}

const { O_RDWR, O_APPEND, O_CREAT } = constants;
/** It holds error lines of the backends: for their owner alone. */
const MODE = 0o600;

/**
 * Adds one line, in a single write that no other writer's can come between. The file is opened each time, so that a rotation by
 * rename is followed at once; there are few lines. A line that a full disk cut off before stays a line of its own.
 * @returns null, or why it could not be written (`ENOSPC: …`): evidence that is missing never stops a rescue
 */
export function appendIncident(file: string, record: IncidentRecord): string | null {
  let descriptor: number | null = null;
  try {
    descriptor = openForAppend(file);
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const whole = endsWithNewline(descriptor) ? line : Buffer.concat([Buffer.from('\n'), line]);
    const written = writeSync(descriptor, whole);
    return written === whole.length ? null : `ENOSPC: only ${written} of ${whole.length} bytes were written`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function openForAppend(file: string): number {
  try {
    return openSync(file, O_RDWR | O_APPEND | O_CREAT, MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    return openSync(file, O_RDWR | O_APPEND | O_CREAT, MODE);
  }
}

function endsWithNewline(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
