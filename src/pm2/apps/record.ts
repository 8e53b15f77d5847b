import { createHash } from 'node:crypto';
import type { AppDeclaration, Pm2Process } from '../types.ts';

/**
 * What an app was declared as when it was started, kept by PM2 itself so that it survives `pm2 save` and a reboot.
 * PM2 keeps objects under `env_NAME` keys and puts them into nobody's environment; it drops keys that it does not know.
 */
export const RECORD_KEY = 'env_lifeguard';

export interface AppRecord {
  /** The ecosystem file that declared it. */
  readonly file: string;
  /** A short digest of each declared value, by its key: `script`, `env.PORT`. */
  readonly digests: Readonly<Record<string, string>>;
}

/** The digests of a declaration; the values themselves, secrets among them, are not in there. */
export function digestsOf(app: AppDeclaration): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const [key, value] of Object.entries(app) as [string, unknown][]) {
    if (value === undefined || key === RECORD_KEY) continue;
    const isEnvironment = key === 'env' || key.startsWith('env_');
    const entries = isEnvironment
      ? Object.entries(value as object).map(([name, each]) => [`${key}.${name}`, each])
      : [[key, value]];
    for (const [name, each] of entries) digests[name as string] = digest(each);
  }
  return digests;
}

export function encodeRecord({ file, digests }: AppRecord): Record<string, string> {
  return { file, ...digests };
}

/** The record of a running app, or null if it was not started from an ecosystem file of this kind. */
export function recordOf(process: Pm2Process): AppRecord | null {
  const record = process.env[RECORD_KEY];
  if (typeof record !== 'object' || record === null) return null;
  const { file, ...digests } = record as Record<string, string>;
  return typeof file === 'string' ? { file, digests } : null;
}

/** The keys that were added, changed or taken away, in the order of the declaration. */
export function changedKeys(before: AppRecord['digests'], after: AppRecord['digests']): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
