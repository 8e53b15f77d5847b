import { basename, join } from 'node:path';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { commented, headerOf } from '../comment.ts';
import { dnsLabel } from '../dns-label.ts';
import { imageFiles } from '../image/dockerfile.ts';
import { imageNotes } from '../image/notes.ts';
import { type ExportInput, factsOf, notesOnAlerts } from '../input.ts';
import type { ExportPlan } from '../plan.ts';
import { notesOnArguments } from '../secrets.ts';
import type { Subject } from '../subject.ts';
import { typed } from '../typed.ts';
import { yamlOf } from '../yaml.ts';
import type { ComposeFile } from './compose-file.ts';
import { neededBy } from './needed.ts';
import { remarksOf } from './remarks.ts';
import { serviceOf } from './service.ts';

/**
 * A compose file for Docker Compose 2.20 and newer, and Dockerfiles where there are none.
 * @throws LifeguardError `cannot-export` when a dependency has the name of a backend
 */
export function planCompose(input: ExportInput): ExportPlan {
  const { subjects, target } = input;
  const needed = subjects.flatMap(neededBy);
  for (const { name } of needed)
    if (subjects.some(({ backend }) => backend.name === name))
      throw new LifeguardError('cannot-export', `${name} is the name of a backend and of a dependency on this machine`, {
        hint: 'In a compose file both are services: give one of them another name.',
      });
  const companions = needed.flatMap(({ name, service }) => (service === null ? [] : [[name, service] as const]));
  const volumes = companions.map(([name]) => [name, {}] as const);
  const file: ComposeFile = {
    name: dnsLabel(basename(input.directory)),
    services: Object.fromEntries([
      ...subjects.map((subject) => [subject.backend.name, serviceOf(subject, factsOf(input, subject), target)] as const),
      ...companions,
    ]),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes) } : {}),
  };
  return {
    files: [
      { path: 'compose.yaml', text: `${comments(subjects)}\n${yamlOf(file)}` },
      ...subjects.flatMap((subject) => imageFiles(subject, factsOf(input, subject))),
    ],
    notes: [
      ...subjects.flatMap((subject) => imageNotes(subject, factsOf(input, subject))),
      ...subjects.flatMap(({ backend, line }) => notesOnArguments(backend.name, line)),
      ...subjects.flatMap(notesOnNeeds),
      ...notesOnAlerts(input),
    ],
    next: [typed('docker', 'compose', '-f', join(target, 'compose.yaml'), 'up', '--build', '--detach')],
  };
}

function comments(subjects: readonly Subject[]): string {
  return [
    commented(headerOf('By `lifeguard export compose`.', [])),
    ...subjects.map((subject) => commented(headerOf(`${subject.backend.name}.`, remarksOf(subject)))),
  ].join('\n#\n');
}

function notesOnNeeds(subject: Subject): string[] {
  const { name } = subject.backend;
  return neededBy(subject).map((need) =>
    need.service === null
      ? `${name}: ${need.name} is on this machine's 127.0.0.1, which is not the container's: name a host that a container can reach`
      : `${name}: ${need.name} is a service of its own here: what tells ${name} where it is has to say ${need.name}:${need.port}`,
  );
}
