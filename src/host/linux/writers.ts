import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Writer } from '../host.ts';

/** open(2)'s flags as /proc shows them, octal. */
const ACCESS_MODE = 0o3;
const APPEND = 0o2000;

/** How many processes are looked at before other work gets its turn. */
const AT_ONCE = 4;

/** See Host.writersOf. */
export async function writersOf(path: string): Promise<Writer[]> {
  const real = realpathSync(path);
  const found: Writer[] = [];
  for (const [i, pid] of numbersIn('/proc').entries()) {
    if (i % AT_ONCE === 0) await setImmediate();
    const flags = numbersIn(`/proc/${pid}/fd`).flatMap((fd) =>
      linkOf(`/proc/${pid}/fd/${fd}`) === real ? flagsOf(pid, fd) : [],
    );
    const writing = flags.filter((each) => (each & ACCESS_MODE) !== 0);
    if (writing.length > 0 && pid !== process.pid) found.push({ pid, appends: writing.every((each) => (each & APPEND) !== 0) });
  }
  return found;
}

function flagsOf(pid: number, fd: number): number[] {
  try {
    const [, octal] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? [];
    return octal === undefined ? [] : [Number.parseInt(octal, 8)];
  } catch {
    return [];
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function numbersIn(directory: string): number[] {
  try {
    return readdirSync(directory).flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []));
  } catch {
    return [];
  }
}
