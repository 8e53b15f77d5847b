import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestIn } from './config-file.ts';

/** What `pm2 save` writes and `pm2 resurrect` reads, and the copy that PM2 falls back to. */
const FILES = ['dump.pm2', 'dump.pm2.bak'];

/** One app as PM2 has saved it: its `pm2_env`. */
type Saved = Readonly<Record<string, unknown>>;

/** Which configurations a lifeguard may be started with by `pm2 resurrect`. */
export function digestsInSavedList(pm2Home: string): string[] {
  return FILES.flatMap((name) => savedIn(join(pm2Home, name)) ?? []).flatMap((app) => digestIn(app) ?? []);
}

/** null: there is none, or it is damaged. */
function savedIn(file: string): Saved[] | null {
  try {
    const apps = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return Array.isArray(apps) ? (apps as Saved[]) : null;
  } catch {
    return null;
  }
}
