import { readdirSync, readlinkSync } from 'node:fs';
import { type FileId, idOfPath } from '../file-id.ts';
import type { OpenFiles } from '../host.ts';
import { pidExists } from '../processes/is-alive.ts';

/** See Host.openFilesOf. A process of another user, or one with capabilities of its own, may not be looked into. */
export function openFilesOf(pid: number): OpenFiles {
  const directory = `/proc/${pid}/fd`;
  const found = new Set<FileId>();
  try {
    for (const fd of readdirSync(directory)) {
      const id = idOfFd(`${directory}/${fd}`);
      if (id !== null) found.add(id);
    }
    return found;
  } catch {
    return pidExists(pid) ? null : new Set();
  }
}

/** How many descriptors of any kind; null: it may not be looked into. */
export function descriptorsOf(pids: readonly number[]): number | null {
  try {
    return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
  } catch {
    return null;
  }
}

/** Sockets and pipes are told by their link's text alone, which spares a stat. */
function idOfFd(link: string): FileId | null {
  try {
    return readlinkSync(link).startsWith('/') ? idOfPath(link) : null;
  } catch {
    return null; // Closed between the two calls.
  }
}
