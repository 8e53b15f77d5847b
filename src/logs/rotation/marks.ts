import { lstatSync } from 'node:fs';
import { fileId } from '../../host/file-id.ts';
import type { Host } from '../../host/host.ts';
import type { Mark } from '../checking/verify.ts';
import { holdersOf, staleSources } from '../holding/holders.ts';
import { OpenLook } from '../holding/open-look.ts';
import { type Found, rotatedFilesOf } from '../on-disk/directory.ts';
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
    const behind = stale.has(source) ? heldRotatedFile(source, look) : undefined;
    if (behind === undefined) return liveMark(source, rotatedPathOf(source)) ?? [];
    // Which of several processes is behind is not known.
    if (holdersOf([source]).length > 1 + source.pids.length) return [];
    return { source, id: behind.id, bytes: behind.bytes, path: behind.path };
  });
}

/** The newest rotated file that one of its writers has open: what they write goes there. */
function heldRotatedFile(source: LogSource, look: OpenLook): Found | undefined {
  const writers = holdersOf([source]);
  return rotatedFilesOf(source.path).findLast(({ compressed, id }) => !compressed && look.hold(id, writers) === 'held');
}

function liveMark(source: LogSource, path: string): Mark | null {
  const stat = lstatSync(source.path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? { source, id: fileId(stat), bytes: Number(stat.size), path } : null;
}
