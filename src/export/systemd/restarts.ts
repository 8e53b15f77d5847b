import { formatDuration } from '../../units/duration.ts';
import type { Subject } from '../subject.ts';
import { systemdTime, type UnitLine } from './unit-file.ts';

/** The first systemd that lengthens the delay between restarts. */
const HAS_RESTART_STEPS = 254;

/** For [Unit]: the budget. systemd counts starts, so the first one too. */
export function startLimit({ backend: { policy } }: Subject): readonly UnitLine[] {
  return [
    ['StartLimitIntervalSec', systemdTime(policy.withinMs)],
    ['StartLimitBurst', policy.maxRestarts + 1],
  ];
}

/** For [Service]: what is started again, and after how long. @param systemd its version: 252 on Debian 12 */
export function restarts({ backend: { policy } }: Subject, systemd: number): readonly UnitLine[] {
  if (!policy.restartOn.includes('crash')) return [['Restart', 'no']];
  const { initialMs, maxMs, factor } = policy.backoff;
  return [['Restart', 'always'], ['RestartSec', systemdTime(initialMs)], ...steps(initialMs, maxMs, factor, systemd)];
}

/** systemd goes from the first delay to the longest in so many steps, each as many times the one before. */
function steps(initialMs: number, maxMs: number, factor: number, systemd: number): readonly UnitLine[] {
  if (factor === 1 || maxMs <= initialMs) return [];
  const lines = [
    ['RestartSteps', Math.max(1, Math.ceil(Math.log(maxMs / initialMs) / Math.log(factor)))],
    ['RestartMaxDelaySec', systemdTime(maxMs)],
  ] as const;
  if (systemd >= HAS_RESTART_STEPS) return lines;
  const said = lines.map(([key, value]) => `${key}=${value}`).join(' ');
  return [
    {
      comment: `From systemd ${HAS_RESTART_STEPS} on (this is for ${systemd}): ${said}, for backoff times ${factor} up to ${formatDuration(maxMs)}`,
    },
  ];
}
