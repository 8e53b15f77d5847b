import { redactCommand } from '../../host/command-line.ts';
import { formatDuration } from '../../units/duration.ts';
import { contextOf, lineInImage } from '../image/context.ts';
import type { Remark } from '../plan.ts';
import { aboutBudget, aboutCauses, aboutDependencies, aboutLogs, aboutRetryAfter, aboutTheRest } from '../remarks.ts';
import { stopSignalOf } from '../stop-signal.ts';
import type { Subject } from '../subject.ts';
import { probesOf } from './probes.ts';
import { resourcesOf } from './resources.ts';

/** What a backend's manifests cannot say, or say otherwise. */
export function remarksOf(subject: Subject): readonly Remark[] {
  const { run, killTimeoutMs, name } = subject.backend;
  return [
    {
      about: `name ${name}, run ${redactCommand(lineInImage(subject))}`,
      text: `the image's own command, in the folder ${contextOf(subject)}`,
    },
    ...(run.envFile === null
      ? []
      : [{ about: `run.env_file ${run.envFile}`, text: 'a Secret, made by you; see the example beside this file' }]),
    {
      about: `stop signal ${stopSignalOf(subject)}`,
      text: `the image's STOPSIGNAL; kill_timeout ${formatDuration(killTimeoutMs)} is part of the grace period`,
    },
    ...probesOf(subject).remarks,
    ...aboutRetryAfter(subject, 'a 503 is not ready for as long as it lasts, whatever it says'),
    ...aboutCauses(subject, 'Kubernetes starts what ended again in any case; for the others see the probes'),
    {
      about: aboutBudget(subject),
      text: 'the kubelet waits 10 s before the second start and twice as long each time, 5 min at most; there is no limit',
    },
    ...resourcesOf(subject).remarks,
    ...aboutDependencies(
      subject,
      'not waited for at the start; while it is down the pod is not ready, and is not restarted for it',
    ),
    ...aboutTheRest(subject, {
      before: 'not part of it: an initContainer of yours runs it before each start, a Job before a rollout',
      once: 'a job: in Kubernetes that is a Job, not a Deployment',
    }),
    ...aboutLogs(
      subject,
      "the node's: the kubelet rotates what a container prints",
      'written inside the container, and gone with it: let it print',
    ),
  ];
}
