import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Secret, Service } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import type { ExportPlan } from '../../../src/export/plan.ts';
import { ROOT } from '../sandbox.ts';
import { kustomizationMistakes } from './kustomization-rules.ts';
import { type Manifest, serverMistakes } from './server-rules.ts';

/** By kind: the published OpenAPI schema, and the type in which a key that it does not know is an error. */
const KINDS = {
  Deployment: { model: Deployment, module: 'apps/v1' },
  Service: { model: Service, module: 'core/v1' },
  Secret: { model: Secret, module: 'core/v1' },
  PodDisruptionBudget: { model: PodDisruptionBudget, module: 'policy/v1' },
  NetworkPolicy: { model: NetworkPolicy, module: 'networking/v1' },
  HorizontalPodAutoscaler: { model: HorizontalPodAutoscaler, module: 'autoscaling/v2' },
} as const;

/**
 * What a cluster would have against the manifests of a plan: the published schemas, strictly (no key that they do not know), the
 * limits that only the server checks, and references that lead nowhere.
 */
export function mistakesInManifests(plan: ExportPlan): string[] {
  const manifests = plan.files
    .filter(({ path }) => /^base\/(?!kustomization)/.test(path))
    .flatMap(({ text }) => documentsOf(text));
  const found = [...manifests.flatMap(bySchema), ...serverMistakes(manifests), ...kustomizationMistakes(plan, manifests)];
  // The compiler takes most of a second: it is asked last.
  return found.length > 0 ? found : unknownKeys(manifests);
}

/** By YAML 1.1, as Kubernetes reads it: there `on` is no text. */
function documentsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as Manifest);
}

function bySchema(manifest: Manifest): string[] {
  const kind = KINDS[manifest.kind as keyof typeof KINDS];
  if (!kind) return [`no schema is known for ${manifest.kind}`];
  try {
    new kind.model(manifest as never).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`];
  }
}

/** The compiler refuses a key that a type does not have, at any depth: what `kubeconform -strict` does. */
function unknownKeys(manifests: readonly Manifest[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-manifests-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const lines = manifests.map(
      (manifest, index) =>
        `export const m${index}: import('kubernetes-types/${KINDS[manifest.kind as keyof typeof KINDS].module}.js').${manifest.kind} = ${JSON.stringify(manifest)};`,
    );
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', '', '--pretty', 'false'];
    const { stdout, error } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'manifests.ts'],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    if (error) throw error;
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
