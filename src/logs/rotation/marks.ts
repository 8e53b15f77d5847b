import { lstatSync } from 'node:fs';
import { type FileId, fileId } from '../../host/file-id.ts';
import type { Host } from '../../host/host.ts';
import type { Mark } from '../checking/verify.ts';
import { holdersOf, staleSources } from '../holding/holders.ts';
import { OpenLook } from '../holding/open-look.ts';
import { rotatedFilesOf } from '../on-disk/directory.ts';
import type { LogSource } from '../sources.ts';

/**
 * Where each file stands before a reload. A kill between swap and reload, of this lifeguard or of another one, left its writers with the rotated
 * file: then that one is marked, as what they write until they reopen goes there. A file that cannot be compared has no mark.
 *
 * @param rotatedPathOf where a file's lines are after the reload, see {@link Mark}
 */
export async function marksOf(
  host: Pick<Host, 'openFilesOf'>,
  all: readonly LogSource[],
  rotatedPathOf: (source: LogSource) => string,
): Promise<Mark[]> {
  // A rival may empty its file at any moment.
  const comparable = all.filter(({ rival }) => rival === null);
  const look = await OpenLook.at(host, holdersOf(comparable));
  const stale = new Set(staleSources(comparable, look));
  return comparable.flatMap((source) => {
    const behind = stale.has(source) ? heldRotatedFile(source, look) : null;
    // Which of several processes is behind is not known.
    if (behind !== null && holdersOf([source]).length > 1 + source.pids.length) return [];
    return behind ? { source, ...behind } : (liveMark(source, rotatedPathOf(source)) ?? []);
  });
}

/** The newest rotated file that one of its writers has open: the place and the state of what it writes. */
function heldRotatedFile(source: LogSource, look: OpenLook): { id: FileId; bytes: number; path: string } | null {
  const held = rotatedFilesOf(source.path).filter(
    ({ compressed, id }) => !compressed && look.hold(id, holdersOf([source])) === 'held',
  );
  const newest = held.at(-1);
  return newest ? { id: newest.id, bytes: newest.bytes, path: newest.path } : null;
}

function liveMark(source: LogSource, path: string): Mark | null {
  const stat = lstatSync(source.path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? { source, id: fileId(stat), bytes: Number(stat.size), path } : null;
}
