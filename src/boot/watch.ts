import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../ecosystem/package-root.ts';
import { readRows } from '../host/linux/process-table.ts';

/**
 * For a daemon that is no child of the systemd whose unit this program is of: a user's systemd took over what a login had started, and is
 * told nothing of its end. A small program in the unit waits for that. Systemd as PID 1 is told of everybody's end.
 */
export function watchDaemon(daemon: number, pidFile: string, unit: string): void {
  if (readRows([daemon]).get(daemon)?.ppid === process.ppid) return;
  const line = [join(PACKAGE_ROOT, 'bin/watch-daemon.sh'), String(daemon), pidFile, unit];
  spawn('/bin/sh', line, { detached: true, stdio: 'ignore' }).unref();
}
