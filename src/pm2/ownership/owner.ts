import type { Pm2Process } from '../types.ts';
import { isSameFile } from './logical-path.ts';
import { type AppRecord, recordOf } from './record.ts';

/** Whose the apps of a PM2 are, seen from one ecosystem file. */
export interface Ownership {
  /** The file, by its logical path, as it is written into what it starts. */
  readonly file: string;
  /** What an app was declared as, and by which file; null: unmanaged, somebody started it by hand. */
  ownerOf(process: Pm2Process): AppRecord | null;
  isOurs(process: Pm2Process): boolean;
}

/**
 * Whoever comes to a file on another way (cron has no PWD) means the same apps, as long as both ways lead there: then the path by
 * which they are known already is kept.
 */
export function ownershipOf(file: string, listed: readonly Pick<Pm2Process, 'name' | 'env'>[]): Ownership {
  const known = new Set(listed.flatMap((process) => recordOf(process)?.file ?? []));
  const own = known.has(file) ? file : ([...known].find((other) => isSameFile(other, file)) ?? file);
  return {
    file: own,
    ownerOf: recordOf,
    isOurs: (process) => recordOf(process)?.file === own,
  };
}
