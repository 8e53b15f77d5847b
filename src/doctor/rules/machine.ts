import { formatDuration } from '../../units/duration.ts';
import { type Rule, rule } from '../rule.ts';
import { megabytes } from './megabytes.ts';

/** PM2 notes a start within a second of it; less than this is no more than a time service that does its work. */
const STEP_MS = 120_000;

/** What the machine has left. */
export const MACHINE_RULES: readonly Rule[] = [
  rule({
    id: 'memory-short',
    group: 'machine',
    severity: 'warning',
    title: 'The machine is short of memory',
    why: 'When it is out the kernel kills the process that it thinks can best be spared, which is often the largest backend.',
    cure: 'See what takes it; `restart.max_memory` makes a graceful restart of what would be a kill.',
    example: 'ps aux --sort=-rss | head',
    needs: ['machine'],
    find: ({ machine: { availableBytes, totalBytes } }) =>
      availableBytes < totalBytes / 20
        ? [
            {
              subject: null,
              symptom: 'memory is nearly out',
              evidence: `${megabytes(availableBytes)} of ${megabytes(totalBytes)} available`,
              command: 'ps aux --sort=-rss | head',
            },
          ]
        : [],
  }),
  rule({
    id: 'clock-stepped',
    group: 'machine',
    severity: 'warning',
    title: 'The clock was set',
    why: 'Logs, archives and alerts tell the wrong time, or the same hour twice, and certificates and tokens may seem expired. lifeguard itself counts by a clock that nobody sets.',
    cure: 'Have one time service keep it (systemd-timesyncd, chrony), which goes faster or slower instead of jumping. Once the apps are restarted the finding is gone.',
    example: 'timedatectl',
    needs: ['clock'],
    find: ({ clock }) =>
      clock === null || Math.abs(clock.stepMs) < STEP_MS
        ? []
        : [
            {
              subject: null,
              symptom: `the clock was set ${clock.stepMs > 0 ? 'forward' : 'back'} by ${roughly(clock.stepMs)}`,
              evidence: `since ${clock.app} was started, at ${new Date(clock.startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC by the clock of then`,
              command: 'timedatectl',
            },
          ],
  }),
];

/** To the minute. */
function roughly(ms: number): string {
  return formatDuration(Math.round(Math.abs(ms) / 60_000) * 60_000);
}
