import { existsSync } from 'node:fs';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { recordOf } from '../apps/record.ts';
import type { Pm2Process } from '../types.ts';
import type { Ecosystem } from './ecosystem.ts';

/**
 * One PM2 has one lifeguard, and it watches the backends of one file. A copy of the project at another place (a new release) takes
 * over: it has a backend in common, or the old file is gone.
 * @throws LifeguardError `another-ecosystem` when the apps of an unrelated file run there
 */
export function refuseSecondEcosystem(ecosystem: Ecosystem, listed: readonly Pm2Process[]): void {
  const others = listed.flatMap((process) => {
    const file = recordOf(process)?.file;
    return file !== undefined && file !== ecosystem.file ? [{ file, name: process.name }] : [];
  });
  const [other] = others;
  if (!other || others.some(({ name }) => ecosystem.backends.includes(name)) || !existsSync(other.file)) return;
  throw new LifeguardError(
    'another-ecosystem',
    `this PM2 already runs ${names(others)} of ${other.file}, with a lifeguard of their own`,
    {
      hint: `Put all backends into one file, delete those (pm2 delete ${names(others, ' ')}), or give this one its own PM2_HOME.`,
    },
  );
}

function names(apps: readonly { name: string }[], separator = ', '): string {
  return [...new Set(apps.map(({ name }) => name))].join(separator);
}
