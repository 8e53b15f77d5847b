import type { ExportFile } from '../plan.ts';
import { isSecret } from '../secrets.ts';
import type { Subject } from '../subject.ts';
import { yamlOf, yamlStream } from '../yaml.ts';
import { variables } from './deployment.ts';
import { objectName } from './names.ts';

const KUSTOMIZATION = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' };

/** Where images come from, and which, until somebody says so. */
const REGISTRY = 'registry.example.com';
const TAG = '1.0.0';

/** A backend's image as the overlays name it. */
export function imageIn(name: string): string {
  return `${REGISTRY}/${objectName(name)}:${TAG}`;
}

/** The list of what the base holds. */
export function baseKustomization(resources: readonly string[]): ExportFile {
  return { path: 'base/kustomization.yaml', text: yamlOf({ ...KUSTOMIZATION, resources }), aside: true };
}

/** An overlay for each `env_NAME` of the configuration, `production` where there is none. */
export function overlays(subjects: readonly Subject[]): readonly ExportFile[] {
  const names = new Set(subjects.flatMap(({ backend }) => Object.keys(backend.run.envByName)));
  return [...(names.size > 0 ? names : ['production'])].flatMap((name) => overlay(name, subjects));
}

function overlay(environment: string, subjects: readonly Subject[]): ExportFile[] {
  const folder = `overlays/${objectName(environment)}`;
  const patches = subjects.flatMap((subject) => environmentPatch(subject, environment));
  const kustomization = {
    ...KUSTOMIZATION,
    resources: ['../../base'],
    images: subjects.map(({ backend: { name } }) => ({
      name: objectName(name),
      newName: `${REGISTRY}/${objectName(name)}`,
      newTag: TAG,
    })),
    ...(patches.length > 0 ? { patches: [{ path: 'environment.yaml' }] } : {}),
  };
  return [
    {
      path: `${folder}/kustomization.yaml`,
      text: yamlOf(kustomization, ['Your registry and tag, and a namespace if you want one.']),
      aside: true,
    },
    ...(patches.length > 0 ? [{ path: `${folder}/environment.yaml`, text: yamlStream(patches), aside: true }] : []),
  ];
}

/** The variables of one `env_NAME`, laid over those of the base. Values that look like a secret are the Secret's. */
function environmentPatch({ backend: { name, run } }: Subject, environment: string): string[] {
  const shown = Object.entries(run.envByName[environment] ?? {}).filter(([variable, value]) => !isSecret(variable, value));
  if (shown.length === 0) return [];
  const container = { name: objectName(name), env: variables(Object.fromEntries(shown)) };
  const patch = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: objectName(name) },
    spec: { template: { spec: { containers: [container] } } },
  };
  return [yamlOf(patch, [`run.env_${environment} of ${name}`])];
}
