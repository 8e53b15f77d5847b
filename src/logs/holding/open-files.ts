import { readdirSync, readlinkSync, statSync } from 'node:fs';

/** A file's identity, whatever its names: `device:inode`. */
export type FileId = string;

export function fileId(stat: { readonly dev: bigint | number; readonly ino: bigint | number }): FileId {
  return `${stat.dev}:${stat.ino}`;
}

/** null: no such file. Symbolic links are followed, as those in /proc are to be. */
export function idOfPath(path: string): FileId | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? fileId(stat) : null;
}

/**
 * The regular files that a process has open (Linux).
 * null: it is gone, belongs to somebody else, or there is no /proc: nothing is known.
 */
export function openFilesOf(pid: number): Set<FileId> | null {
  const directory = `/proc/${pid}/fd`;
  const found = new Set<FileId>();
  try {
    for (const fd of readdirSync(directory)) {
      const id = idOfFd(`${directory}/${fd}`);
      if (id !== null) found.add(id);
    }
    return found;
  } catch {
    return null;
  }
}

/** Sockets and pipes are told by their link's text alone, which spares a stat. */
function idOfFd(link: string): FileId | null {
  try {
    return readlinkSync(link).startsWith('/') ? idOfPath(link) : null;
  } catch {
    return null;
  }
}
