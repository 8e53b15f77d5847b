import { readFileSync } from 'node:fs';

/** The kernel's clock ticks a second, as /proc counts processor time (USER_HZ). */
const TICKS = 100;

/** What a living process, with those of its children that have ended, has taken so far. */
export function usageOf(pid: number): { cpuMs: number; peakMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the command in brackets: utime, stime, cutime, cstime are the 12th to 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  const [, peakKb] = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpuMs: (ticks * 1000) / TICKS, peakMb: Number(peakKb) / 1024 };
}
