import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from '../subject.ts';
import { contextOf } from './context.ts';

/** What a backend's folder has to make an image from. */
export interface ImageFacts {
  /** Its own Dockerfile, a name in that folder; null: one has to be written. */
  readonly dockerfile: string | null;
  /** Where its packages are listed, by their names in that folder: package.json and a lock file, requirements.txt, pyproject.toml. */
  readonly packages: readonly string[];
  /** Of the runtime that runs it here: `20`, `3.11`; null: not known. */
  readonly version: string | null;
}

const DOCKERFILES = ['Dockerfile', 'Containerfile'];
const PACKAGES = {
  node: ['package.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'],
  python: ['requirements.txt', 'pyproject.toml'],
  other: [],
} as const;

/** Looks into the folder, and asks Python for its version. */
export function imageFactsOf(subject: Subject): ImageFacts {
  const folder = contextOf(subject);
  const present = (names: readonly string[]) => names.filter((name) => existsSync(join(folder, name)));
  return {
    dockerfile: present(DOCKERFILES)[0] ?? null,
    packages: present(PACKAGES[subject.runtime]),
    version: versionOf(subject),
  };
}

function versionOf({ runtime, line }: Subject): string | null {
  if (runtime === 'node') return process.versions.node.split('.')[0] ?? null;
  if (runtime !== 'python') return null;
  const python = join(line[0] ?? '', '..', 'python3');
  const { stdout } = spawnSync(existsSync(python) ? python : 'python3', ['--version'], { encoding: 'utf8', timeout: 5_000 });
  return /^Python (\d+\.\d+)/.exec(stdout ?? '')?.[1] ?? null;
}
