import { statSync } from 'node:fs';

/** A file's identity, whatever its names: `device:inode`. */
export type FileId = string;

export function fileId(stat: { readonly dev: bigint | number; readonly ino: bigint | number }): FileId {
  return `${stat.dev}:${stat.ino}`;
}

/** null: there is none, or it may not be looked at. Symbolic links are followed. */
export function idOfPath(path: string): FileId | null {
  try {
    return fileId(statSync(path, { bigint: true }));
  } catch {
    return null;
  }
}

/** There is nothing of that name; what may not be looked at may be there. */
export function isGone(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
