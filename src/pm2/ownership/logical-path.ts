import { realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** Where a path was typed: the working directory, and what the shell says of it. */
export interface Surroundings {
  /** The working directory as the kernel has it, without symbolic links. */
  readonly cwd: string;
  /** `PWD`, the working directory as the user came there; believed only where it is the same folder. */
  readonly pwd: string | undefined;
}

/**
 * The path as it was typed, absolute, its symbolic links kept: `current/ecosystem.config.ts` is the same file to us after `current`
 * was pointed at the next release. By this an ecosystem file's apps are known. The file need not be there.
 */
export function logicalPath(typed: string, { cwd, pwd }: Surroundings = here()): string {
  const from = pwd?.startsWith('/') && isSameFile(pwd, cwd) ? pwd : cwd;
  const logical = resolve(from, typed);
  // `link/../file`: the kernel goes up from where the link leads to, and may come to another file.
  const meant = realPath(isAbsolute(typed) ? typed : `${cwd}/${typed}`);
  return meant === null || meant === realPath(logical) ? logical : meant;
}

/** Both paths lead to the same file; false where one of them leads nowhere. */
export function isSameFile(one: string, other: string): boolean {
  const real = realPath(one);
  return real !== null && real === realPath(other);
}

function here(): Surroundings {
  return { cwd: process.cwd(), pwd: process.env.PWD };
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path); // the other one takes `..` off before it looks at links
  } catch {
    return null;
  }
}
