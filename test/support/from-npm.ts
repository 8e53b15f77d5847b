import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Packages of npm's, for a test alone: got once a machine and user, kept below XDG_CACHE_HOME or the temp folder.
 * @param packages such as `pm2@7.0.4`
 * @returns the folder with node_modules
 * @throws Error when npm cannot get them: such a test is never skipped
 */
export function fromNpm(packages: readonly string[]): string {
  const key = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  const folder = join(process.env.XDG_CACHE_HOME ?? tmpdir(), `pm2-lifeguard-npm-${process.getuid?.()}-${key}`);
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    execFileSync('npm', ['install', '--prefix', fresh, '--no-audit', '--no-fund', '--no-save', ...packages], {
      stdio: 'pipe',
      timeout: 300_000,
    });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw new Error(`npm could not install ${packages.join(' and ')}`, { cause: error });
  }
  return folder;
}

/** The program of a version of Node, from npm: `24.21.0`, or `24` for its newest. */
export function nodeFromNpm(version: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  return join(fromNpm([`${name}@${version}`]), 'node_modules', name, 'bin/node');
}
