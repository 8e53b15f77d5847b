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
  /** When that was applied, wall clock ms; 0: version 0.1.0 did it. */
  readonly at: number;
  /** `--env NAME` of that start; null: none. */
  readonly envName: string | null;
  /** What is compared by its key: `script`, `env.PORT`. */
  readonly digests: Readonly<Record<string, string>>;
}

/** PM2 wants texts; digests are 16 hexadecimal digits, so that nothing is mistaken for one. */
export function encodeRecord({ file, role, at, envName, digests }: AppRecord): Record<string, string> {
  return { ...digests, file, role, at: String(at), ...(envName === null ? {} : { envName }) };
}

/** The record of an app in PM2's list or dump (its `pm2_env`), or null if it was not started from an ecosystem file of this kind. */
export function recordOf({ name, env }: Pick<Pm2Process, 'name' | 'env'>): AppRecord | null {
  const record = env[RECORD_KEY];
  if (typeof record !== 'object' || record === null) return null;
  const { file, role, at, envName = null, ...digests } = record as Partial<Record<string, string>>;
  if (typeof file !== 'string') return null;
  return {
    file,
    role: isRole(role) ? role : firstRoleOf(name),
    at: Number(at ?? 0),
    envName,
    digests: digests as AppRecord['digests'],
  };
}

/** Version 0.1.0 kept no role, and had these two names only. */
function firstRoleOf(name: string): Role {
  return name === 'lifeguard' ? 'watcher' : name === 'database' ? 'companion' : 'backend';
}

function isRole(word: string | undefined): word is Role {
  return word === 'backend' || word === 'watcher' || word === 'companion';
}
