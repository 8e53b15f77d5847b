import { constants, fchmodSync, fstatSync } from 'node:fs';
import type { Failures } from '../failures.ts';
import type { LogSource } from '../sources.ts';
import { statOf } from './directory.ts';
import { withRegular } from './regular-file.ts';

/** Log files may hold what users typed: readable by their owner and group only. */
const MODE = 0o640;

/**
 * Which live files may be rotated: regular ones. A symbolic link may lead out of the directory: it is left alone, and told once.
 *
 * PM2 makes its files readable for everybody. Those of our own apps are tightened, once each; of nobody else's is the mode ever changed.
 */
export class Admission {
  readonly #failures: Failures;
  /** By path, the inode that was tightened. */
  readonly #tightened = new Map<string, number>();

  constructor(failures: Failures) {
    this.#failures = failures;
  }

  /** A rotation has just laid a file there, with the rights of the one before. */
  laid(path: string): void {
    const stat = statOf(path);
    if (stat !== undefined) this.#tightened.set(path, stat.ino);
  }

  admits({ path, keeping }: LogSource): boolean {
    const stat = statOf(path);
    if (stat === undefined) return true;
    if (stat.isSymbolicLink() && keeping !== 'not') {
      this.#failures.add(path, Object.assign(new Error(`${path} is a symbolic link: it is not rotated`), { code: 'SYMLINK' }));
    }
    if (stat.isFile() && keeping === 'ours' && this.#tightened.get(path) !== stat.ino) {
      this.#failures.try(path, () => tighten(path));
      this.#tightened.set(path, stat.ino);
    }
    return stat.isFile();
  }
}

/** By descriptor: what is looked at is what is changed. A file with a second name may be somebody else's. */
function tighten(path: string): void {
  withRegular(path, constants.O_RDONLY, (fd) => {
    const { mode, nlink } = fstatSync(fd);
    if ((mode & 0o777 & ~MODE) !== 0 && nlink === 1) fchmodSync(fd, mode & MODE);
  });
}
