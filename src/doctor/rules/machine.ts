import { type Rule, rule } from '../rule.ts';
import { megabytes } from './megabytes.ts';

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
];
