import { spawn, spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { PACKAGE_ROOT } from '../ecosystem/package-root.ts';
import { readProcessTable, readRows } from '../host/linux/process-table.ts';
import { argumentsOf } from '../host/linux/words.ts';
import { userEnvironment } from './systemctl.ts';

const PROGRAM = 'bin/watch-daemon.sh';

/**
 * For a daemon that is no child of the systemd whose unit this program is of: a user's systemd took over what a login had started, and is
 * told nothing of its end. A small program in the unit waits for that. Systemd as PID 1 is told of everybody's end, once it has looked.
 */
export function watchDaemon(daemon: number, pidFile: string, unit: string): void {
  if (readRows([daemon]).get(daemon)?.ppid === process.ppid) lookOnceMore(daemon, pidFile);
  else spawn('/bin/sh', watchLine(daemon, pidFile, unit), { detached: true, stdio: 'ignore' }).unref();
}

/** The same from outside of the unit, in one of its own, which ends with the daemon. @returns whether the user's systemd has taken it */
export function watchAgain(daemon: number, pidFile: string, unit: string): boolean {
  const line = ['--user', '--quiet', '--collect', '/bin/sh', ...watchLine(daemon, pidFile, unit)];
  return spawnSync('systemd-run', line, { env: userEnvironment(), timeout: 10_000 }).status === 0;
}

/** For a daemon that dies when this program has looked and systemd has not yet: a small program in the unit looks once more, a second later. */
export function lookOnceMore(daemon: number, pidFile: string): void {
  const line = [join(PACKAGE_ROOT, 'bin/ended-unseen.sh'), String(daemon), pidFile];
  spawn('/bin/sh', line, { detached: true, stdio: 'ignore' }).unref();
}

function watchLine(daemon: number, pidFile: string, unit: string): string[] {
  return [join(PACKAGE_ROOT, PROGRAM), String(daemon), pidFile, unit];
}

/** Whether a user's systemd is told of the end of this daemon: it is its child, or the program that waits for it runs. */
export function isWatched(daemon: number): boolean {
  const table = readProcessTable();
  const parent = table.get(daemon)?.ppid ?? 0;
  const isChild = parent > 1 && basename(argumentsOf(parent)?.[0] ?? '') === 'systemd';
  return isChild || [...table.keys()].some((pid) => waitsFor(daemon, argumentsOf(pid) ?? []));
}

function waitsFor(daemon: number, words: readonly string[]): boolean {
  const at = words.findIndex((word) => word.endsWith(`/${PROGRAM}`));
  return at >= 0 && words[at + 1] === String(daemon);
}
