import type { Pm2Process } from '../types.ts';

/**
 * What an app was declared as when it was started, kept by PM2 itself so that it survives `pm2 save` and a reboot.
 * PM2 keeps objects under `env_NAME` keys and puts them into nobody's environment; it drops keys that it does not know.
 */
export const RECORD_KEY = 'env_lifeguard';

/** What an app is to its project: it decides in which order they are taken down. */
export type Role = 'backend' | 'watcher' | 'companion';

export interface AppRecord {
  /** The ecosystem file that declared it, by its logical path. */
  readonly file: string;
  readonly role: Role;
  /** A short digest of each declared value, by its key: `script`, `env.PORT`. */
  readonly digests: Readonly<Record<string, string>>;
}

export function encodeRecord({ file, role, digests }: AppRecord): Record<string, string> {
  return { file, role, ...digests };
}

/** The record of an app in PM2's list or dump (its `pm2_env`), or null if it was not started from an ecosystem file of this kind. */
export function recordOf({ name, env }: Pick<Pm2Process, 'name' | 'env'>): AppRecord | null {
  const record = env[RECORD_KEY];
  if (typeof record !== 'object' || record === null) return null;
  const { file, role, ...digests } = record as Record<string, string>;
  return typeof file === 'string' ? { file, role: isRole(role) ? role : roleBefore(name), digests } : null;
}

/** Version 0.1.0 kept no role, and had these two names only. */
function roleBefore(name: string): Role {
  return name === 'lifeguard' ? 'watcher' : name === 'database' ? 'companion' : 'backend';
}

function isRole(word: string | undefined): word is Role {
  return word === 'backend' || word === 'watcher' || word === 'companion';
}
