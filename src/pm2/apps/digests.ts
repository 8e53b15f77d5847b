import { createHash } from 'node:crypto';
import type { AppDeclaration } from '../types.ts';

/** A short digest of each declared value, by its key: `script`, `env.PORT`. */
export type Digests = Readonly<Record<string, string>>;

/** What is compared of an app where its declaration holds what this machine makes of it on this day. */
export interface Configured {
  /** What is executed, as the configuration has it: a word for the PATH stays a word. */
  readonly run: Readonly<Record<string, unknown>>;
  /** Variables that it inherits and that the configuration names, such as `${DATABASE_URL}`. */
  readonly inherited: Readonly<Record<string, string>>;
}

/** What a declaration has in place of `run`: where programs are, which Node there is, and what it can do. */
const OF_THIS_MACHINE = ['script', 'interpreter', 'node_args', 'args'];

/** The digests of a declaration; the values themselves, secrets among them, are not in there. */
export function digestsOf(app: AppDeclaration, configured: Configured | undefined): Digests {
  if (!configured) return digestsIn(app);
  const rest = Object.entries(app).filter(([key]) => !OF_THIS_MACHINE.includes(key));
  return digestsIn({ ...configured.run, ...Object.fromEntries(rest), inherited: configured.inherited });
}

/**
 * What has changed of an app that version 0.1.0 started: it took the digests of the declaration itself. What this version declares
 * in another way is no change of the user's, and no reason for a restart.
 */
export function changedSinceFirst(before: Digests, app: AppDeclaration): string[] {
  const after = digestsIn(app);
  return changedKeys(before, after).filter((key) => key.startsWith('env') || (key in before && key in after));
}

/** The keys that were added, changed or taken away, in the order of the declaration. */
export function changedKeys(before: Digests, after: Digests): string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => before[key] !== after[key]);
}

function digestsIn(declared: object): Digests {
  const digests: Record<string, string> = {};
  for (const [key, value] of Object.entries(declared) as [string, unknown][]) {
    if (value === undefined) continue;
    const isEnvironment = /^(env|env_\w+|inherited)$/.test(key) && typeof value === 'object' && value !== null;
    const entries = isEnvironment ? Object.entries(value).map(([name, each]) => [`${key}.${name}`, each]) : [[key, value]];
    for (const [name, each] of entries) digests[name as string] = digest(each);
  }
  return digests;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
