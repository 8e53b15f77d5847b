import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Host } from '../host/host.ts';
import type { ProcessId } from '../host/processes/process-row.ts';
import { folderOf, lifeguardFolder } from '../pm2/home.ts';

/** What a drill is about to do, written down before it does it: whoever finds this after a kill -9 can put it right. */
export interface DrillNote {
  readonly version: 1;
  readonly backend: string;
  readonly fault: string;
  /** Of the command that drills: while it lives it puts things right itself. */
  readonly by: ProcessId;
  readonly struck: readonly ProcessId[];
}

const NAME = 'drill.json';

/** Where a lifeguard's drill is noted; while it is there, what the journal says of that backend is marked as a drill. */
export function drillNoteFile(pm2Home: string, lifeguard: string): string {
  return join(folderOf(pm2Home, lifeguard), NAME);
}

/** On the disk before it returns. */
export function writeDrillNote(file: string, note: DrillNote): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(note), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}

/** null: no drill is under way, or what is there cannot be read. */
export function readDrillNote(file: string): DrillNote | null {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as DrillNote;
    return note.version === 1 && Array.isArray(note.struck) ? note : null;
  } catch {
    return null;
  }
}

/** Lets go on what a drill has stopped, as far as it is still the same process, and takes the note away. */
export async function undo(file: string, host: Host): Promise<void> {
  const { struck = [] } = readDrillNote(file) ?? {};
  const rows = await host.rowsOf(struck.map(({ pid }) => pid));
  for (const { pid, startTime } of struck) {
    const row = rows.get(pid);
    if (row !== undefined && host.isSameStart(row.startTime, startTime)) signal(pid, 'SIGCONT');
  }
  rmSync(file, { force: true });
}

/**
 * Puts right what drills have left behind whose command was killed. What they spent of the restart budget is left to the caller.
 * @returns the backends that they were about, and whose they are
 */
export async function undoLeft(pm2Home: string, host: Host): Promise<{ lifeguard: string; backend: string }[]> {
  const undone: { lifeguard: string; backend: string }[] = [];
  for (const file of notesIn(pm2Home)) {
    const note = readDrillNote(file);
    if (note === null || (await lives(host, note.by))) continue;
    await undo(file, host);
    undone.push({ lifeguard: basename(dirname(file)), backend: note.backend });
  }
  return undone;
}

function notesIn(pm2Home: string): string[] {
  const folder = lifeguardFolder(pm2Home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name, NAME))
    .filter((file) => existsSync(file));
}

async function lives(host: Host, { pid, startTime }: ProcessId): Promise<boolean> {
  const row = (await host.rowsOf([pid])).get(pid);
  return row !== undefined && host.isSameStart(row.startTime, startTime);
}

/** Strikes, or lets go on. false: it is gone already. */
export function signal(pid: number, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
