import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whom PostgreSQL runs as. Empty: whoever started us. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

export const isRoot = process.getuid?.() === 0;

/**
 * PostgreSQL refuses to run as root. Then it runs as the owner of the data if there is any, else as `postgres` where the machine
 * has that account, else as `nobody`; no account is made.
 * @throws Error when the data belongs to somebody that it cannot run as.
 */
export function chooseAccount(cluster: string): Account {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (!isRoot) {
    if (!owner || process.getuid === undefined || owner.uid === process.getuid()) return {};
    throw new Error(
      `${cluster} belongs to uid ${owner.uid}, not to you (${process.getuid()}): start as that user, or delete it to begin anew`,
    );
  }
  if (owner?.uid === 0)
    throw new Error(`${cluster} belongs to root, and PostgreSQL does not run as root: chown it, or delete it to begin anew`);
  return owner ? { uid: owner.uid, gid: owner.gid } : (lookUp('postgres') ?? lookUp('nobody') ?? { uid: 65_534, gid: 65_534 });
}

/** May `account` pass through every folder on the way to `path`, and into it? By mode bits alone. */
export function canReach(path: string, { uid, gid }: Account): boolean {
  if (uid === undefined) return true;
  const { mode, uid: owner, gid: group } = statSync(path);
  const needed = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  if ((mode & needed) === 0) return false;
  return dirname(path) === path || canReach(dirname(path), { uid, ...(gid === undefined ? {} : { gid }) });
}

function lookUp(name: string): Account | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}
