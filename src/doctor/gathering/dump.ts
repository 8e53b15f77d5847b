import { statSync } from 'node:fs';
import { join } from 'node:path';
import { namesSecret } from '../../host/command-line.ts';
import { savedApps } from '../../pm2/launch/saved-list.ts';
import type { Dump } from '../facts.ts';

/** PM2's saved list; null: there is none. Of its secrets the names alone are looked at. */
export function savedDump(pm2Home: string): Dump | null {
  const path = join(pm2Home, 'dump.pm2');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  const apps = savedApps(pm2Home);
  const variables = apps.flatMap(({ env }) => namesIn(env));
  return { path, mode: stats.mode, secrets: [...new Set(variables.filter(namesSecret))], apps: apps.map(({ name }) => name) };
}

/** PM2 keeps an app's variables beside its own keys, and once more under `env`. */
function namesIn(env: Readonly<Record<string, unknown>>): string[] {
  const inner = typeof env.env === 'object' && env.env !== null ? Object.entries(env.env) : [];
  return [...Object.entries(env), ...inner].flatMap(([name, value]) => (typeof value === 'string' && value !== '' ? [name] : []));
}
