import { basename, dirname, relative } from 'node:path';
import type { Subject } from '../subject.ts';

/** The folder that an image is built from: the backend's `cwd`, or its script's folder where that lies elsewhere. */
export function contextOf({ backend: { run } }: Subject): string {
  return run.program.kind === 'script' && !isBelow(run.cwd, run.program.script) ? dirname(run.program.script) : run.cwd;
}

/** The command line as it is inside an image whose working folder holds the context. */
export function lineInImage(subject: Subject): readonly string[] {
  const { run } = subject.backend;
  const context = contextOf(subject);
  const inside = (word: string) => (isBelow(context, word) ? relative(context, word) : word);
  const { program } = run;
  if (program.kind === 'command') return [basename(program.program), ...program.args.map(inside)];
  const script = inside(program.script);
  const args = program.args.map(inside);
  if (subject.runtime === 'node') return ['node', ...(program.interpreter === 'tsx' ? ['--import', 'tsx'] : []), script, ...args];
  if (subject.runtime === 'python') return ['python3', script, ...args];
  return program.interpreter === 'none'
    ? [`./${script}`, ...args]
    : [...subject.line.slice(0, 1).map((word) => basename(word)), script, ...args];
}

/** Whether it is a file below that folder. */
export function isBelow(folder: string, path: string): boolean {
  if (!path.startsWith('/')) return false;
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !way.startsWith('/');
}
