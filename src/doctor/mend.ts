import { chmodSync, mkdirSync } from 'node:fs';
import type { Finding, Mend } from './finding.ts';

/** The changes that the findings ask for, each once. */
export function mendsOf(findings: readonly Finding[]): Mend[] {
  const mends = findings.flatMap(({ mend }) => mend ?? []);
  return mends.filter((mend, i) => mends.findIndex(({ do: what, path }) => what === mend.do && path === mend.path) === i);
}

/** @throws the file system's error */
export function apply(mend: Mend): void {
  if (mend.do === 'chmod') chmodSync(mend.path, mend.mode);
  else mkdirSync(mend.path, { recursive: true, mode: 0o750 });
}
