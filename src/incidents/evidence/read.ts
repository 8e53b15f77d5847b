import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from './write.ts';

/** A folder of evidence as it lies on the disk. */
export interface EvidenceFolder {
  readonly folder: string;
  readonly files: readonly string[];
  /** null: it cannot be read. */
  readonly evidence: Evidence | null;
}

/** null: the folder is gone, by its age or for its size. */
export function readEvidence(folder: string): EvidenceFolder | null {
  try {
    return { folder, files: readdirSync(folder).sort(), evidence: evidenceIn(join(folder, 'evidence.json')) };
  } catch {
    return null;
  }
}

function evidenceIn(file: string): Evidence | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Evidence;
  } catch {
    return null;
  }
}
