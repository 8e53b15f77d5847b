import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readRows } from '../../host/linux/process-table.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { lifeguardFolder } from '../home.ts';

/**
 * The gate of an app whose start waits: a file that its launcher, bin/start-gate.sh, looks at until it is open. What it says holds for the
 * life of one PM2 daemon: after a boot every gate is closed, whatever it said before.
 */

/** The launcher's name, by which an app that it starts is known. */
export const LAUNCHER = 'start-gate.sh';
/** What runs a job to its end. */
export const JOB_LAUNCHER = 'run-once.sh';

/** `asked`: closed, and an operator asked for the start. `closed`: nobody did, in this daemon's life: it is a boot. */
export type GateWord = 'open' | 'asked' | 'closed';

/** Where the gate of an app is. */
export function gateFile(pm2Home: string, app: string): string {
  return join(lifeguardFolder(pm2Home), 'gates', `${app}.gate`);
}

/** The gate of an app that PM2 runs or is to run, by its arguments; null: it has none. */
export function gateIn(args: unknown): string | null {
  if (!Array.isArray(args)) return null;
  const [launcher, gate] = args as unknown[];
  return typeof launcher === 'string' && basename(launcher) === LAUNCHER && typeof gate === 'string' ? gate : null;
}

/** The line that a program runs with, without the launchers before it. */
export function beyondGate(args: readonly string[]): readonly string[] {
  const beyond = gateIn(args) === null ? args : args.slice(2);
  return basename(beyond[1] ?? '') === JOB_LAUNCHER ? beyond.slice(3) : beyond;
}

/** Where a job leaves word that it ended well. */
export function recordFile(gate: string): string {
  return gate.replace(/\.gate$/, '.done');
}

/** When the job of this gate ended well, as far as its last run is concerned: in the life of this daemon, or of one before it. */
export function readRecord(gate: string, daemon: number): 'now' | 'before' | 'never' {
  const said = textOf(recordFile(gate))?.split('\n')[0];
  if (said === undefined) return 'never';
  return said === `done ${daemonId(daemon)}` ? 'now' : 'before';
}

/** @param daemon pid of PM2's daemon */
export function readGate(file: string, daemon: number): GateWord {
  const said = textOf(file)?.split('\n')[0] ?? '';
  const of = (word: GateWord) => said === `${word} ${daemonId(daemon)}`;
  return of('open') ? 'open' : of('asked') ? 'asked' : 'closed';
}

/** Whole or not at all. @throws an error of node:fs */
export function writeGate(file: string, word: 'open' | 'asked', daemon: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, `${word} ${daemonId(daemon)}\n`);
}

/** Which daemon it is: its pid, and where the system tells them when it started and in which boot. As the launcher has it. */
export function daemonId(pid: number): string {
  const startTime = readRows([pid]).get(pid)?.startTime;
  const boot = textOf('/proc/sys/kernel/random/boot_id')?.trim();
  return [pid, startTime, boot].filter((part) => part !== undefined).join(' ');
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
