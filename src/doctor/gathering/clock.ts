import type { Host } from '../../host/host.ts';
import type { Pm2Process } from '../../pm2/types.ts';
import type { ClockStep } from '../facts.ts';

/** USER_HZ of Linux, in which /proc tells start times: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * How far the wall clock was set since an app was started: PM2 noted then what the wall clock said, the kernel counts on by itself.
 * null: nothing runs, or the kernel does not tell (no /proc).
 * @param now wall clock, ms
 */
export async function clockStep(host: Host, processes: readonly Pm2Process[], now: number): Promise<ClockStep | null> {
  if (host.by !== 'proc') return null;
  const up = processes.filter(({ pid }) => pid > 0);
  const rows = await host.rowsOf([process.pid, ...up.map(({ pid }) => pid)]);
  const own = rows.get(process.pid)?.startTime;
  if (own === undefined) return null;
  const steps = up.flatMap(({ name: app, pid, startedAt }): ClockStep[] => {
    const began = rows.get(pid)?.startTime;
    if (began === undefined) return [];
    const ageMs = ((own - began) / TICKS_PER_SECOND + process.uptime()) * 1_000;
    return [{ app, stepMs: Math.round(now - ageMs - startedAt), startedAt }];
  });
  return steps.toSorted((a, b) => Math.abs(b.stepMs) - Math.abs(a.stepMs))[0] ?? null;
}
