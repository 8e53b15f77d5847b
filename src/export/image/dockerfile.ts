import { relative } from 'node:path';
import type { ExportFile } from '../plan.ts';
import { stopSignalOf } from '../stop-signal.ts';
import type { Subject } from '../subject.ts';
import { contextOf, isBelow, lineInImage } from './context.ts';
import type { ImageFacts } from './image-facts.ts';
import { IMAGE_USER } from './image-user.ts';

/** The first that strips types by itself and is supported for long. */
const NODE_FOR_TYPESCRIPT = 24;
const OWNER = `${IMAGE_USER}:${IMAGE_USER}`;

/** Where the Dockerfile of an export lies, below its folder. */
export function dockerfilePath(name: string): string {
  return `docker/${name}.Dockerfile`;
}

/** A Dockerfile for a backend whose folder has none, and what is kept out of the image. Empty for a runtime that is not known. */
export function imageFiles(subject: Subject, facts: ImageFacts): readonly ExportFile[] {
  const from = baseImage(subject, facts);
  if (facts.dockerfile !== null || from === null) return [];
  const path = dockerfilePath(subject.backend.name);
  return [
    { path, text: dockerfile(subject, facts, from), aside: true },
    { path: `${path}.dockerignore`, text: `${keptOut(subject).join('\n')}\n`, aside: true },
  ];
}

function baseImage({ runtime, backend: { run } }: Subject, { version }: ImageFacts): string | null {
  if (runtime === 'python') return `python:${version ?? '3'}-slim`;
  if (runtime !== 'node') return null;
  const typescript = run.program.kind === 'script' && /\.[cm]?ts$/.test(run.program.script);
  return `node:${Math.max(Number(version), typescript ? NODE_FOR_TYPESCRIPT : 0) || 'lts'}-slim`;
}

function dockerfile(subject: Subject, facts: ImageFacts, from: string): string {
  const { name, port } = subject.backend;
  return [
    `# The image of ${name}, from the folder ${contextOf(subject)}.`,
    `FROM ${from}`,
    'WORKDIR /app',
    'ENV HOME=/tmp',
    `RUN chown ${OWNER} /app`,
    ...installation(subject, facts),
    `COPY --chown=${OWNER} . .`,
    `USER ${OWNER}`,
    ...(port === null ? [] : [`EXPOSE ${port}`]),
    `STOPSIGNAL ${stopSignalOf(subject)}`,
    `CMD ${JSON.stringify(lineInImage(subject))}`,
    '',
  ].join('\n');
}

function installation({ runtime, backend: { run } }: Subject, { packages }: ImageFacts): string[] {
  if (packages.length === 0) return [];
  const copied = `COPY ${packages.join(' ')} ./`;
  if (runtime === 'python') {
    // A pyproject.toml alone is no package yet: what it names is installed with the sources.
    if (!packages.includes('requirements.txt')) return [`COPY --chown=${OWNER} . .`, 'RUN pip install --no-cache-dir .'];
    return [copied, 'RUN pip install --no-cache-dir -r requirements.txt'];
  }
  // What runs TypeScript is often among the packages for development.
  const withDevelopment = run.program.kind === 'script' && run.program.interpreter === 'tsx';
  if (packages.includes('pnpm-lock.yaml'))
    return [copied, `RUN npm install --global pnpm && pnpm install --frozen-lockfile${withDevelopment ? '' : ' --prod'}`];
  if (packages.includes('yarn.lock'))
    return [copied, `RUN yarn install --frozen-lockfile${withDevelopment ? '' : ' --production'}`];
  const install = packages.includes('package-lock.json') ? 'npm ci' : 'npm install';
  return [copied, `RUN ${install}${withDevelopment ? '' : ' --omit=dev'}`];
}

/** What is made anew in the image, what is nobody's business, and what grows. */
function keptOut({ backend: { run, logs } }: Subject): string[] {
  const folder = run.cwd;
  const own = [logs.directory, ...(run.envFile === null ? [] : [run.envFile])].filter((path) => isBelow(folder, path));
  const usual = ['node_modules', 'venv', '.venv', '**/__pycache__', '.git', '.env', '.env.*'];
  return [...new Set([...usual, ...own.map((path) => relative(folder, path))])];
}
