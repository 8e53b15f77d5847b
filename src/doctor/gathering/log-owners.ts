import { readFileSync, type Stats, statSync } from 'node:fs';
import { daemonPid } from '../../host/orphans/marker.ts';
import type { ForeignLog } from '../facts.ts';

/** Who PM2 runs as. */
export interface LogUser {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** The log files that the user who runs PM2 may not write, as somebody else made them; none where it cannot be told who that is. */
export function foreignLogs(pm2Home: string, files: readonly string[]): ForeignLog[] {
  const user = daemonUser(pm2Home);
  return user === null ? [] : notWritable(files, user);
}

export function notWritable(files: readonly string[], user: LogUser): ForeignLog[] {
  return [...new Set(files)].flatMap((file): ForeignLog[] => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return !stats?.isFile() || mayWrite(stats, user) ? [] : [{ file, owner: stats.uid, user: user.uid }];
  });
}

/** As the kernel judges it: by the first class that one belongs to. */
function mayWrite({ mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>, user: LogUser): boolean {
  if (user.uid === 0) return true;
  const shift = uid === user.uid ? 6 : user.gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & 0o2) !== 0;
}

function daemonUser(pm2Home: string): LogUser | null {
  const pid = daemonPid(pm2Home);
  try {
    const status = pid === null ? '' : readFileSync(`/proc/${pid}/status`, 'latin1');
    const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
    const [, gid] = /^Gid:\s+\d+\s+(\d+)/m.exec(status) ?? [];
    const [, groups = ''] = /^Groups:[ \t]*(.*)$/m.exec(status) ?? [];
    return uid === undefined
      ? null
      : { uid: Number(uid), gids: [Number(gid), ...groups.split(/\s+/).filter(Boolean).map(Number)] };
  } catch {
    return null;
  }
}
