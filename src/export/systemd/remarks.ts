import type { Remark } from '../plan.ts';
import {
  aboutBudget,
  aboutCauses,
  aboutDependencies,
  aboutEnvironments,
  aboutHealth,
  aboutLogs,
  aboutTheRest,
} from '../remarks.ts';
import type { Subject } from '../subject.ts';
import { healthUnitOf, isWatched } from './watched.ts';

/** What a backend's unit cannot say, or says otherwise. */
export function remarksOf(subject: Subject): readonly Remark[] {
  const { instances, policy, name } = subject.backend;
  const watching = healthUnitOf(name);
  return [
    ...(instances > 1
      ? [
          {
            about: `run.instances ${instances}`,
            text: 'one process: sharing a port among several is what PM2 does here, and a unit cannot',
          },
        ]
      : []),
    ...doubled(subject),
    ...aboutEnvironments(subject),
    ...aboutHealth(subject, isWatched(subject) ? `asked by ${watching}` : 'systemd asks nobody for health'),
    ...aboutCauses(
      subject,
      isWatched(subject) ? `systemd restarts what ended, ${watching} the others` : 'systemd restarts what ended, or nothing',
    ),
    {
      about: aboutBudget(subject),
      text: `${isWatched(subject) ? `kept by ${watching}; while that does not run, ` : ''}at the limit it stays down (no cool_down), and a delay that has grown stays so: systemctl reset-failed ends both`,
    },
    ...(policy.maxMemoryBytes === null
      ? [{ about: 'restart.max_memory null', text: 'no limit' }]
      : [
          {
            about: `restart.max_memory ${policy.maxMemoryBytes}`,
            text: 'the kernel ends it at the limit, without a graceful stop',
          },
        ]),
    ...aboutDependencies(
      subject,
      `started after it where it is on this machine; a lost one holds ${isWatched(subject) ? `back what ${watching} would restart` : 'nothing back'}`,
    ),
    ...aboutTheRest(subject, {
      before: 'not part of the unit: an ExecStartPre= of yours runs it, before each start',
      once: 'a job: as Type=oneshot, with RemainAfterExit=yes, others could wait for it',
    }),
    ...aboutLogs(
      subject,
      'what it prints goes to its own journal instead, with these limits',
      'not rotated: systemd has nothing for files',
    ),
  ];
}

function doubled({ backend: { run }, env, inEnvFile }: Subject): Remark[] {
  const both = Object.keys(env).filter((name) => inEnvFile.includes(name));
  if (both.length === 0) return [];
  return [{ about: `run.env and run.env_file ${run.envFile}: ${both.join(', ')}`, text: "systemd takes the file's value" }];
}
