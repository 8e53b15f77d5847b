import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, readSync, type Stats, unlinkSync } from 'node:fs';

const { O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_CREAT, O_EXCL } = constants;

/**
 * Opens a file that is one: no symbolic link, which somebody may have laid in the way, no pipe, which would not come back.
 * @throws the file system's error (ELOOP: a link), or one with `code` NOT_REGULAR
 */
export function openRegular(path: string, flags: number): number {
  const fd = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is not a regular file`), { code: 'NOT_REGULAR' });
}

/** Opens as {@link openRegular} does, and closes whatever happens. */
export function withRegular<T>(path: string, flags: number, use: (fd: number) => T): T {
  const fd = openRegular(path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes a new file that belongs to whom another belongs, with the same rights. @throws EEXIST when there is something of that name */
export function createLike(path: string, model: Pick<Stats, 'uid' | 'gid' | 'mode'>): number {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const { uid, gid } = fstatSync(fd);
    if (uid !== model.uid || gid !== model.gid) fchownSync(fd, model.uid, model.gid);
    fchmodSync(fd, model.mode & 0o666);
    return fd;
  } catch (error) {
    closeSync(fd);
    removeIfThere(path);
    throw error;
  }
}

/** An empty file ends a line, too. */
export function endsALine(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === 0x0a);
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
