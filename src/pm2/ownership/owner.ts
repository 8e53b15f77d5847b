import type { Pm2Process } from '../types.ts';
import { type Adoption, adoptionOf } from './adopted.ts';
import { isSameFile } from './logical-path.ts';
import { type AppRecord, recordOf } from './record.ts';

/** An app as PM2 lists or saves it. */
export type App = Pick<Pm2Process, 'name' | 'env'>;

/** Whose the apps of a PM2 are, seen from one ecosystem file. */
export interface Ownership {
  /** The file, by its logical path, as it is written into what it starts. */
  readonly file: string;
  /** What an app was declared as, and by which file; null: unmanaged, somebody started it by hand. */
  ownerOf(app: App): AppRecord | null;
  isOurs(app: App): boolean;
}

/** What is known of the apps of a PM2: those in its list or saved list, and those that were taken over as they ran. */
export interface Known {
  readonly apps: readonly App[];
  readonly adoptions: readonly Adoption[];
}

/**
 * Whoever comes to a file on another way (cron has no PWD) means the same apps, as long as both ways lead there: then the path by
 * which they are known already is kept.
 */
export function ownershipOf(file: string, { apps, adoptions }: Known): Ownership {
  const ownerOf = (app: App) => adoptionOf(app, adoptions) ?? recordOf(app);
  const known = new Set(apps.flatMap((app) => ownerOf(app)?.file ?? []));
  const own = known.has(file) ? file : ([...known].find((other) => isSameFile(other, file)) ?? file);
  return { file: own, ownerOf, isOurs: (app) => ownerOf(app)?.file === own };
}
