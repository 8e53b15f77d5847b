import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';

// What an export takes from this machine beside the configuration: who, and which systemd.

/** Debian 12's, for an export that is made where there is none. */
const OLDEST_COMMON_SYSTEMD = 252;

/** The version of systemd on this machine. */
export function systemdVersion(): number {
  const { stdout } = spawnSync('systemctl', ['--version'], { encoding: 'utf8', timeout: 5_000 });
  return Number(/^systemd (\d+)/.exec(stdout ?? '')?.[1] ?? OLDEST_COMMON_SYSTEMD);
}

/** Whose project it is: the owner of its folder, by name. */
export function ownerOf(directory: string): string {
  const { uid } = statSync(directory);
  if (uid === userInfo().uid) return userInfo().username;
  const { stdout } = spawnSync('getent', ['passwd', String(uid)], { encoding: 'utf8', timeout: 5_000 });
  return stdout?.split(':')[0] || String(uid);
}
