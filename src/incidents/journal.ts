import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JournalEntry, ReasonCode } from '../policy/action.ts';

/**
 * One line of `logs/incidents.jsonl`: what was decided about one backend, when, and why.
 * `alert`: about the telling of an incident, no turn of it.
 */
export interface IncidentRecord extends Omit<JournalEntry, 'what' | 'reason'> {
  readonly what: JournalEntry['what'] | 'alert';
  readonly reason: {
    /** `alert-undelivered`: a message was given up. */
    readonly code: ReasonCode | 'alert-undelivered';
    readonly text: string;
  };
  /** Wall clock, ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  readonly backend: string;
  /** Of the process that it is about, where there is one. */
  readonly pid?: number | null;
  /** The folder of evidence taken before the process was touched, relative to the journal. */
  readonly evidence?: string;
  /** It was brought about on purpose. */
  readonly drill?: true;
}

const { O_RDWR, O_APPEND, O_CREAT } = constants;
/** It holds error lines of the backends: for their owner alone. */
const MODE = 0o600;

/** A place in a journal: up to there it is known. A rotation makes another inode of it. */
export interface JournalPosition {
  readonly inode: number;
  readonly offset: number;
}

/** Where a journal ends now; before everything where there is none. @throws Error when it cannot be looked at */
export function journalEnd(file: string): JournalPosition {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? { inode: 0, offset: 0 } : { inode: stats.ino, offset: stats.size };
}

/** `end`: where the line ends. `why`: `ENOSPC: …`; evidence that is missing never stops a rescue. */
export type Appended = { readonly ok: true; readonly end: JournalPosition } | { readonly ok: false; readonly why: string };

/**
 * Adds one line, in a single write that no other writer's can come between. The file is opened each time, so that a rotation by
 * rename is followed at once; there are few lines. A line that a full disk cut off before stays a line of its own. Never throws.
 */
export function appendIncident(file: string, record: IncidentRecord): Appended {
  let descriptor: number | null = null;
  try {
    descriptor = openForAppend(file);
    const { ino, size } = fstatSync(descriptor);
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const whole = endsWithNewline(descriptor, size) ? line : Buffer.concat([Buffer.from('\n'), line]);
    const written = writeSync(descriptor, whole);
    return written === whole.length
      ? { ok: true, end: { inode: ino, offset: size + written } }
      : { ok: false, why: `ENOSPC: only ${written} of ${whole.length} bytes were written` };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
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

function endsWithNewline(descriptor: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}
