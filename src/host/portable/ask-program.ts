import { execFile } from 'node:child_process';

/** A machine that is so busy is better left alone. */
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** `lsof` lies in /usr/sbin on macOS, which launchd's PATH leaves out. */
const MORE_FOLDERS = '/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * What `ps` or `lsof` says. Their status 1 also means that some of what was asked for is not there: then what they said counts.
 * null: there is no such program, it complained, or it took too long.
 */
export function askProgram(program: 'ps' | 'lsof', args: readonly string[]): Promise<string | null> {
  const env = { PATH: `${process.env.PATH ?? ''}:${MORE_FOLDERS}`, LC_ALL: 'C' };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES }, (error, stdout, stderr) => {
      const answered = error === null || (error.code === 1 && (stdout !== '' || stderr.trim() === ''));
      resolve(answered ? stdout : null);
    });
  });
}
