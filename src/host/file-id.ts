import { statSync } from 'node:fs';

/** A file's identity, whatever its names: `device:inode`. */
export type FileId = string;

export function fileId(stat: { readonly dev: bigint | number; readonly ino: bigint | number }): FileId {
  return `${stat.dev}:${stat.ino}`;
}

/** null: no such file. Symbolic links are followed. */
export function idOfPath(path: string): FileId | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? fileId(stat) : null;
}
