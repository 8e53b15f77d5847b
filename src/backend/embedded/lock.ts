import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Keeps a second wrapper off the same data: it would take the first one's server for a leftover. A lock whose holder is gone, by a
 * kill or a power cut, is taken over: the holder is named by pid, start time and boot, so that a pid that is somebody else's by
 * now does not count. Let go at the end of the process. @throws Error when the holder lives.
 */
export function takeLock(file: string): void {
  const holder = read(file)?.trim();
  const pid = Number(holder?.split(' ')[0]);
  if (holder && pid !== process.pid && identity(pid) === holder) {
    throw new Error(`the embedded database of ${dirname(file)} already runs (pid ${pid})`);
  }
  writeFileSync(file, `${identity(process.pid)}\n`, { mode: 0o600 });
  process.on('exit', () => rmSync(file, { force: true }));
}

/** null: there is no such process, or no /proc to tell. */
function identity(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  const boot = read('/proc/sys/kernel/random/boot_id')?.trim();
  // After the name in parentheses, which may hold anything, come the fields 3, 4, …; the start time is the 22nd.
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return startedAt && boot ? `${pid} ${startedAt} ${boot}` : null;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
