import { redactCommand } from '../../host/command-line.ts';
import { endpointOf } from '../endpoint.ts';
import { contextOf, lineInImage } from '../image/context.ts';
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
import { healthcheckOf } from './healthcheck.ts';

/** What a backend's service cannot say, or says otherwise. */
export function remarksOf(subject: Subject): readonly Remark[] {
  const { instances } = subject.backend;
  return [
    { about: `run ${redactCommand(lineInImage(subject))}`, text: `the image's own command, in the folder ${contextOf(subject)}` },
    ...(instances > 1
      ? [
          {
            about: `run.instances ${instances}`,
            text: 'one container: a host port has room for one. Behind a proxy: docker compose up --scale',
          },
        ]
      : []),
    ...aboutEnvironments(subject),
    ...aboutHealth(subject, healthText(subject)),
    ...aboutCauses(subject, 'compose starts what ended again, and restarts nothing for its health'),
    { about: aboutBudget(subject), text: 'Docker waits 0.1 s and twice as long each time, 1 min at most; there is no limit' },
    ...aboutDependencies(subject, 'waited for at the start where it is a service of this file; a lost one restarts nothing'),
    ...aboutTheRest(subject, {
      before: 'not part of it: a service of yours that others wait for with service_completed_successfully',
      once: 'a job: others wait for it with service_completed_successfully, and restart is to be on-failure',
    }),
    ...aboutLogs(subject, 'sizes and a number of files, no ages', 'written inside the container, and gone with it: let it print'),
  ];
}

function healthText(subject: Subject): string {
  const { targets } = subject.backend;
  const at = endpointOf(targets.readiness ?? targets.liveness);
  if (healthcheckOf(subject) !== null || at === null)
    return 'readiness is shown by docker compose ps and waited for by others; compose restarts nothing that is unhealthy, and one success makes it healthy';
  return `no healthcheck: ${at.kind === 'other' ? at.why : 'nothing in its image is known to ask with'}`;
}
