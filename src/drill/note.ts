import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessId } from '../host/processes/process-row.ts';
import { replaceFile } from '../host/replace-file.ts';
import { folderOf } from '../pm2/home.ts';

/** What a drill is about to do, written down before it does it: whoever finds this after a kill -9 can put it right. */
export interface DrillNote extends Undoing {
  readonly version: 1;
  readonly backend: string;
  readonly fault: string;
  /** Of the command that drills: while it lives it puts things right itself. */
  readonly by: ProcessId;
}

/** What is to be taken back, and what lifeguard goes by while the command lives. */
export interface Undoing {
  /** What was stopped by a signal, or is to be. */
  readonly struck: readonly ProcessId[];
  /** Where lifeguard asks whether the backend is ready, instead of the backend: an http:// URL on loopback. */
  readonly readiness?: string;
  /** `max_memory`, bytes, instead of the configured one. */
  readonly maxMemoryBytes?: number;
}

export const NOTE_NAME = 'drill.json';

/** Where a lifeguard's drill is noted; while it is there, what the journal says of that backend is marked as a drill. */
export function drillNoteFile(pm2Home: string, lifeguard: string): string {
  return join(folderOf(pm2Home, lifeguard), NOTE_NAME);
}

/** On the disk before it returns. */
export function writeDrillNote(file: string, note: DrillNote): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, JSON.stringify(note), { flush: true });
}

/** null: no drill is under way, or what is there cannot be read. */
export function readDrillNote(file: string): DrillNote | null {
  // An exception for each of many looks costs more than the look.
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as DrillNote;
    return note.version === 1 && Array.isArray(note.struck) ? note : null;
  } catch {
    return null;
  }
}
