import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Host } from '../host/host.ts';
import { aliveOf } from '../host/processes/is-alive.ts';
import type { ProcessId } from '../host/processes/process-row.ts';
import { lifeguardFolder } from '../pm2/home.ts';
import { NOTE_NAME, readDrillNote } from './note.ts';

/** Lets go on what a drill has stopped, as far as it is still the same process, and takes the note away. */
export async function undo(file: string, host: Host): Promise<void> {
  await letGoOn(readDrillNote(file)?.struck ?? [], host);
  rmSync(file, { force: true });
}

/** SIGCONT to those that are still the same processes. */
export async function letGoOn(struck: readonly ProcessId[], host: Host): Promise<void> {
  for (const { pid } of await aliveOf(host, struck)) signal(pid, 'SIGCONT');
}

/**
 * Puts right what drills have left behind whose command was killed. What they spent of the restart budget is left to the caller.
 * @returns the backends that they were about, and whose they are
 */
export async function undoLeft(pm2Home: string, host: Host): Promise<{ lifeguard: string; backend: string }[]> {
  const undone: { lifeguard: string; backend: string }[] = [];
  for (const file of notesIn(pm2Home)) {
    const note = readDrillNote(file);
    if (note === null || (await aliveOf(host, [note.by])).length > 0) continue;
    await undo(file, host);
    undone.push({ lifeguard: basename(dirname(file)), backend: note.backend });
  }
  return undone;
}

function notesIn(pm2Home: string): string[] {
  const folder = lifeguardFolder(pm2Home);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name, NOTE_NAME))
    .filter((file) => existsSync(file));
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
