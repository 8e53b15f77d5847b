import { formatDuration } from '../../units/duration.ts';
import type { Seen } from '../finding.ts';
import { type Rule, rule } from '../rule.ts';
import { byBackend } from './by-backend.ts';
import { megabytes } from './megabytes.ts';

/** What a backend runs out of. */
export const RESOURCE_RULES: readonly Rule[] = [
  rule({
    id: 'memory-high',
    group: 'backends',
    severity: 'warning',
    title: 'Memory near its limit',
    why: 'At `restart.max_memory` it is restarted; without a limit the kernel ends it, or another process, when memory is out.',
    cure: 'Look for what grows. Until then a limit (`restart.max_memory`) makes a graceful restart of what would be a kill.',
    example: 'npx lifeguard status',
    needs: ['usage'],
    find: ({ usage }) =>
      usage.flatMap(({ backend, memoryBytes, limitBytes }): Seen[] =>
        memoryBytes !== null && limitBytes !== null && memoryBytes > 0.9 * limitBytes
          ? [
              {
                subject: backend,
                symptom: `it uses ${Math.round((memoryBytes / limitBytes) * 100)} % of its max_memory`,
                evidence: `${megabytes(memoryBytes)} of ${megabytes(limitBytes)}, all its processes together`,
                command: `npx lifeguard logs ${backend} --grep memory --since 1h --no-follow`,
              },
            ]
          : [],
      ),
  }),
  rule({
    id: 'cpu-high',
    group: 'backends',
    severity: 'warning',
    title: 'The processor is at its limit',
    why: 'When it takes `restart.max_cpu` for long enough it is restarted, whatever it is doing.',
    cure: 'See what it is doing: a loop that never ends is mended by no limit, and honest work needs a higher one, or more instances.',
    example: 'npx lifeguard status',
    needs: ['statuses', 'project'],
    find: ({ statuses, project }) =>
      (statuses ?? []).flatMap(({ name, cpuPercent, processes }): Seen[] => {
        const backends = project.kind === 'valid' ? project.backends : [];
        const limit = backends.find((backend) => backend.name === name)?.policy.maxCpu ?? null;
        if (limit === null || cpuPercent === null || cpuPercent < limit.percent) return [];
        return [
          {
            subject: name,
            symptom: `it takes as much of the processor as max_cpu allows, for ${formatDuration(limit.forMs)} at most`,
            evidence: `${cpuPercent} % of a core of ${limit.percent} %, all its processes together`,
            command: `ps -L -o tid,pcpu,wchan:20,comm -p ${processes.map(({ pid }) => pid).join() || 'PID'}`,
          },
        ];
      }),
  }),
  rule({
    id: 'oom-killed',
    group: 'backends',
    severity: 'error',
    title: 'The kernel killed it for memory',
    why: 'The OOM killer ends a process without a word when memory is out: requests in flight are lost, and it will happen again.',
    cure: 'Give the machine or the cgroup more memory, or the backend less to hold. `restart.max_memory` below what is there restarts it gracefully before that.',
    example: 'npx lifeguard incidents --since 24h',
    needs: ['incidents'],
    find: ({ incidents }) =>
      byBackend(incidents.filter(({ records }) => records.some(({ reason }) => /OOM killer/.test(reason.text)))).map(
        ([backend, own]) => ({
          subject: backend,
          symptom: `the OOM killer ended it${own.length > 1 ? ` ${own.length} times` : ''} within 24 h`,
          evidence: own.at(-1)?.records[0]?.reason.text ?? '',
          command: `npx lifeguard incidents show ${own.at(-1)?.id}`,
        }),
      ),
  }),
  rule({
    id: 'files-near-limit',
    group: 'backends',
    severity: 'warning',
    title: 'Open files near their limit',
    why: 'At the limit it accepts no connection and opens no file: it fails as if the network were gone.',
    cure: 'Look whether it leaks connections; raise the limit of the daemon that starts it (`ulimit -n`, `LimitNOFILE=` in its unit) and start it anew.',
    example: 'cat /proc/PID/limits',
    needs: ['usage'],
    find: ({ usage }) =>
      usage.flatMap(({ backend, files }): Seen[] =>
        files !== null && files.open > 0.8 * files.limit
          ? [
              {
                subject: backend,
                symptom: 'it has nearly as many files and sockets open as it may',
                evidence: `pid ${files.pid}: ${files.open} of ${files.limit}`,
                command: `ls -l /proc/${files.pid}/fd | sort -k 11 | tail -20`,
              },
            ]
          : [],
      ),
  }),
];
