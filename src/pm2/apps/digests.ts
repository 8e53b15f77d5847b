import { createHash } from 'node:crypto';
import type { AppDeclaration } from '../types.ts';

/** A short digest of each declared value, by its key: `script`, `env.PORT`. */
export type Digests = Readonly<Record<string, string>>;

/** The digests of a declaration; the values themselves, secrets among them, are not in there. */
export function digestsOf(app: AppDeclaration): Digests {
  const digests: Record<string, string> = {};
  for (const [key, value] of Object.entries(app) as [string, unknown][]) {
    if (value === undefined) continue;
    const isEnvironment = key === 'env' || key.startsWith('env_');
    const entries = isEnvironment
      ? Object.entries(value as object).map(([name, each]) => [`${key}.${name}`, each])
      : [[key, value]];
    for (const [name, each] of entries) digests[name as string] = digest(each);
  }
  return digests;
}

/** The keys that were added, changed or taken away, in the order of the declaration. */
export function changedKeys(before: Digests, after: Digests): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
