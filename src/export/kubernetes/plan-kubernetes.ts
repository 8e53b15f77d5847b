import { join } from 'node:path';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { headerOf } from '../comment.ts';
import { contextOf } from '../image/context.ts';
import { dockerfilePath, imageFiles } from '../image/dockerfile.ts';
import type { ImageFacts } from '../image/image-facts.ts';
import { imageNotes } from '../image/notes.ts';
import { type ExportInput, factsOf, notesOnAlerts } from '../input.ts';
import type { ExportFile, ExportPlan } from '../plan.ts';
import { notesOnArguments } from '../secrets.ts';
import { type Subject, secretsOf } from '../subject.ts';
import { typed } from '../typed.ts';
import { yamlOf, yamlStream } from '../yaml.ts';
import { autoscalerOf, disruptionBudgetOf, networkPolicyOf, secretOf, serviceOf } from './around.ts';
import { deploymentOf } from './deployment.ts';
import { baseKustomization, imageIn, overlays } from './kustomize.ts';
import { clashes, objectName, secretName } from './names.ts';
import { remarksOf } from './remarks.ts';

export interface KubernetesOptions {
  /** The most pods that an autoscaler may make of a backend; null: no autoscaler. */
  readonly autoscaleTo: number | null;
}

/**
 * A kustomize base with a file a backend, overlays, and Dockerfiles where there are none. For Kubernetes 1.30 and newer.
 * @throws LifeguardError `cannot-export` for names that Kubernetes cannot tell apart
 */
export function planKubernetes(input: ExportInput, options: KubernetesOptions): ExportPlan {
  const { subjects } = input;
  for (const same of clashes(subjects.map(({ backend }) => backend.name)))
    throw new LifeguardError('cannot-export', `${same.join(' and ')} would both be called ${objectName(same[0] ?? '')}`, {
      hint: 'Kubernetes takes lower-case letters, digits and dashes only: give one of them another name.',
    });
  const backends = subjects.map((subject) => ({ subject, facts: factsOf(input, subject) }));
  const manifests = backends.map(({ subject, facts }) => manifestOf(subject, facts, options));
  return {
    files: [
      ...manifests,
      baseKustomization(manifests.map(({ path }) => path.replace('base/', ''))),
      ...subjects.flatMap(secretExample),
      ...overlays(subjects),
      ...backends.flatMap(({ subject, facts }) => imageFiles(subject, facts)),
    ],
    notes: [
      ...backends.flatMap(({ subject, facts }) => imageNotes(subject, facts)),
      ...subjects.flatMap(secretNotes),
      ...subjects.flatMap(({ backend, line }) => notesOnArguments(backend.name, line)),
      ...notesOnAlerts(input),
    ],
    next: [
      ...backends.flatMap(({ subject, facts }) => buildCommand(input, subject, facts)),
      ...subjects.flatMap(secretCommand),
      typed('kubectl', 'apply', '-k', join(input.target, 'overlays', overlayOf(subjects))),
    ],
  };
}

function manifestOf(subject: Subject, facts: ImageFacts, { autoscaleTo }: KubernetesOptions): ExportFile {
  const { name } = subject.backend;
  const ownImage = facts.dockerfile === null && subject.runtime !== 'other';
  const deployment = deploymentOf(subject, { ownImage, autoscaled: autoscaleTo !== null });
  const objects = [
    serviceOf(subject),
    disruptionBudgetOf(subject),
    networkPolicyOf(subject),
    autoscaleTo === null ? null : autoscalerOf(subject, autoscaleTo),
  ].filter((object) => object !== null);
  const header = headerOf(`${name}, by \`lifeguard export kubernetes\`.`, remarksOf(subject));
  return {
    path: `base/${objectName(name)}.yaml`,
    text: yamlStream([yamlOf(deployment, header), ...objects.map((object) => yamlOf(object))]),
  };
}

function secretExample(subject: Subject): ExportFile[] {
  const secret = secretOf(subject);
  const comment = [
    'The variables of the Secret that the pods need. It is not part of the base: give the values where they are safe.',
  ];
  return secret === null
    ? []
    : [{ path: `base/${objectName(subject.backend.name)}.secret.example.yaml`, text: yamlOf(secret, comment), aside: true }];
}

function secretCommand(subject: Subject): string[] {
  const { name, run } = subject.backend;
  const secrets = secretsOf(subject);
  if (secrets.length === 0) return [];
  const values =
    run.envFile === null ? secrets.map((secret) => `--from-literal=${secret}=…`) : [`--from-env-file=${run.envFile}`];
  return [typed('kubectl', 'create', 'secret', 'generic', secretName(name), ...values)];
}

function secretNotes({ backend: { name, run }, hidden }: Subject): string[] {
  if (run.envFile === null) return [];
  const asItStands = `${name}: kubectl takes every line of ${run.envFile} as it stands: quotes become part of a value`;
  if (hidden.length === 0) return [asItStands];
  return [asItStands, `${name}: left out, as they may hold secrets: ${hidden.join(', ')}. They belong into the same Secret`];
}

function buildCommand({ target }: ExportInput, subject: Subject, { dockerfile }: ImageFacts): string[] {
  if (dockerfile === null && subject.runtime === 'other') return [];
  const { name } = subject.backend;
  const context = contextOf(subject);
  const file = dockerfile === null ? join(target, dockerfilePath(name)) : join(context, dockerfile);
  return [typed('docker', 'build', '-f', file, '-t', imageIn(name), context), typed('docker', 'push', imageIn(name))];
}

function overlayOf(subjects: readonly Subject[]): string {
  const names = subjects.flatMap(({ backend }) => Object.keys(backend.run.envByName));
  return objectName(names[0] ?? 'production');
}
