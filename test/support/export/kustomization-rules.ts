import { posix } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { ExportPlan } from '../../../src/export/plan.ts';
import type { Manifest } from './server-rules.ts';

interface Kustomization {
  readonly resources?: readonly string[];
  readonly images?: readonly { readonly name: string }[];
  readonly patches?: readonly { readonly path: string }[];
}

/** References of the kustomizations that lead nowhere: `kustomize build` would end there, or do nothing without a word. */
export function kustomizationMistakes({ files }: ExportPlan, manifests: readonly Manifest[]): string[] {
  const paths = new Set(files.map(({ path }) => path));
  return files
    .filter(({ path }) => path.endsWith('/kustomization.yaml'))
    .flatMap(({ path, text }) => {
      const folder = posix.dirname(path);
      const { resources = [], images = [], patches = [] } = parse(text) as Kustomization;
      const patched = patches.flatMap((patch) => textOf(files, posix.join(folder, patch.path)));
      return [
        ...[...resources, ...patches.map((patch) => patch.path)]
          .map((resource) => posix.join(folder, resource))
          .filter((resource) => !paths.has(resource) && !paths.has(`${resource}/kustomization.yaml`))
          .map((resource) => `${path}: ${resource} is not there`),
        ...images
          .filter(({ name }) => !usesImage(manifests, name))
          .map(({ name }) => `${path}: no container has the image ${name}`),
        ...patched
          .filter((patch) => !isThere(manifests, patch))
          .map((patch) => `${path}: nothing to patch: ${patch.kind} ${patch.metadata.name}`),
      ];
    });
}

function textOf(files: ExportPlan['files'], path: string): Manifest[] {
  const text = files.find((file) => file.path === path)?.text ?? '';
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

function usesImage(manifests: readonly Manifest[], image: string): boolean {
  return manifests.some(({ spec }) => {
    const { template } = (spec ?? {}) as { template?: { spec: { containers: { image: string }[] } } };
    return template?.spec.containers.some((container) => container.image === image) ?? false;
  });
}

function isThere(manifests: readonly Manifest[], patch: Manifest): boolean {
  return manifests.some(({ kind, metadata }) => kind === patch.kind && metadata.name === patch.metadata.name);
}
