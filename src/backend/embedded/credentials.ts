import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export const DATABASE = 'app';

export interface Credentials {
  readonly password: string;
  /** The file was not there: whatever password the server knows is lost. */
  readonly isNew: boolean;
}

/** The password in the URL file, or a new one. */
export function readCredentials(urlFile: string): Credentials {
  if (existsSync(urlFile)) {
    const password = new URL(readFileSync(urlFile, 'utf8').trim()).password;
    if (/^[\w-]{20,}$/.test(password)) return { password, isNew: false };
  }
  return { password: randomBytes(24).toString('base64url'), isNew: true };
}

/** For the backend and for lifeguard's check: mode 0600, and never half a file. */
export function writeUrl(urlFile: string, password: string, port: number): void {
  const fresh = `${urlFile}.${process.pid}`;
  writeFileSync(fresh, `postgres://${DATABASE}:${password}@127.0.0.1:${port}/${DATABASE}\n`, { mode: 0o600 });
  renameSync(fresh, urlFile);
}
