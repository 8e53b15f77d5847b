import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How often the OOM killer has struck in the process's memory cgroup, since that was made. cgroup v2 (`memory.events`), v1 and
 * hybrid (`memory.oom_control`); where neither counts (v2's root, no cgroups), the whole machine's count.
 * null: not Linux, or no such process.
 */
export function oomKills(pid: number | 'self' = 'self'): number | null {
  const place = placeOf(pid);
  const file = place?.version === 1 ? 'memory.oom_control' : 'memory.events';
  const inCgroup = place === null ? null : countIn(textOf(join(place.directory, file)));
  return inCgroup ?? countIn(textOf('/proc/vmstat'));
}

type Place = ReturnType<typeof memoryCgroup>;
/** Where this process was found last, and by what: mountinfo is long, and asked every few seconds. */
let own: { readonly cgroup: string; readonly place: Place } | null = null;

function placeOf(pid: number | 'self'): Place {
  const cgroup = textOf(`/proc/${pid}/cgroup`);
  if (pid === 'self' && own?.cgroup === cgroup) return own.place;
  const place = memoryCgroup(cgroup, textOf(`/proc/${pid}/mountinfo`));
  if (pid === 'self') own = { cgroup, place };
  return place;
}

/** Where the memory controller keeps a process's cgroup, from its /proc/PID/cgroup and mountinfo; null: nowhere. Pure. */
export function memoryCgroup(cgroup: string, mountinfo: string): { version: 1 | 2; directory: string } | null {
  const lines = cgroup.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const v1 = lines.find((match) => match?.[1]?.split(',').includes('memory'))?.[2];
  const v2 = lines.find((match) => match?.[1] === '')?.[2];
  const version = v1 === undefined ? 2 : 1;
  const path = v1 ?? v2;
  const mount = mountinfo.split('\n').flatMap((line) => mountOf(line, version))[0];
  if (path === undefined || mount === undefined) return null;
  // In a container the mount shows only a part of the hierarchy: its root is the container's own cgroup.
  const inside =
    mount.root !== '/' && (path === mount.root || path.startsWith(`${mount.root}/`)) ? path.slice(mount.root.length) : path;
  return { version, directory: join(mount.point, inside) };
}

/** A line of mountinfo, see proc(5), if it mounts cgroup v2, or v1's memory controller. */
function mountOf(line: string, version: 1 | 2): { root: string; point: string }[] {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , root = '', point = ''] = left.split(' ');
  const [type, , options = ''] = right.split(' ');
  const wanted = version === 2 ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes('memory');
  return wanted ? [{ root, point }] : [];
}

function countIn(text: string): number | null {
  const [, count] = /^oom_kill (\d+)$/m.exec(text) ?? [];
  return count === undefined ? null : Number(count);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
