import { readFileSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';

/** How many processes are looked at (50 µs each) before other work gets its turn. */
const AT_ONCE = 100;

/** See Host.residentBytesOf. */
export async function residentBytesOf(pids: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const [i, pid] of pids.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await breathe();
    const bytes = bytesIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m);
    if (bytes !== null) found.set(pid, bytes);
  }
  return found;
}

/** See Host.exactBytesOf: each page divided by its users (PSS). null: one belongs to another user, or the kernel is older than 4.14. */
export function exactBytesOf(pids: readonly number[]): number | null {
  const sizes = pids.map((pid) => bytesIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m));
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function bytesIn(file: string, pattern: RegExp): number | null {
  try {
    const [, kilobytes] = pattern.exec(readFileSync(file, 'latin1')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
