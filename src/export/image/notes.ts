import { basename } from 'node:path';
import { redactCommand } from '../../host/command-line.ts';
import type { Subject } from '../subject.ts';
import { contextOf, lineInImage } from './context.ts';
import type { ImageFacts } from './image-facts.ts';

/** Servers that listen on this machine alone unless they are told otherwise, and the options that tell them. */
const LISTENS_LOCALLY: Readonly<Record<string, readonly string[]>> = {
  uvicorn: ['--host', '--uds', '--fd'],
  hypercorn: ['--bind', '-b'],
  gunicorn: ['--bind', '-b'],
  daphne: ['--bind', '-b', '--endpoint', '-e'],
};

/** What a person has to know before an image of this backend is of use. */
export function imageNotes(subject: Subject, facts: ImageFacts): string[] {
  const { name } = subject.backend;
  const context = contextOf(subject);
  const line = redactCommand(lineInImage(subject));
  const notes: string[] = [];
  if (facts.dockerfile !== null)
    notes.push(`the image is built by its own ${facts.dockerfile} in ${context}; it has to run: ${line}`);
  else if (subject.runtime === 'other') notes.push(`there is no Dockerfile in ${context}; write one that runs: ${line}`);
  else if (facts.packages.length === 0)
    notes.push(`nothing in ${context} lists its packages (${listed(subject)}): the image has none`);
  if (context !== subject.backend.run.cwd) notes.push(`its script lies outside of run.cwd: the image holds ${context} alone`);
  if (listensLocally(lineInImage(subject)))
    notes.push('it listens on 127.0.0.1, where nobody outside of its container reaches it: let it listen on 0.0.0.0');
  return notes.map((note) => `${name}: ${note}`);
}

function listed({ runtime }: Subject): string {
  return runtime === 'python' ? 'requirements.txt or pyproject.toml' : 'package.json';
}

function listensLocally(line: readonly string[]): boolean {
  if (line.some((word) => /(^|=)(127\.0\.0\.1|localhost)(:|$)/.test(word))) return true;
  const server = line.map((word) => basename(word)).find((word) => Object.hasOwn(LISTENS_LOCALLY, word));
  return server !== undefined && !line.some((word) => LISTENS_LOCALLY[server]?.includes(word.split('=')[0] ?? ''));
}
