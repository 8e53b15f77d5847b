import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export const DATABASE = 'app';

export interface Credentials {
  readonly password: string;
  /** The file was not there: whatever password the server knows is lost. */
  readonly isNew: boolean;
}

/** The password in the URL file, or a new one: also where a power cut has left the file empty or half written. */
export function readCredentials(urlFile: string): Credentials {
  const password = passwordIn(urlFile);
  if (password !== null && /^[\w-]{20,}$/.test(password)) return { password, isNew: false };
  return { password: randomBytes(24).toString('base64url'), isNew: true };
}

function passwordIn(urlFile: string): string | null {
  if (!existsSync(urlFile)) return null;
  const url = readFileSync(urlFile, 'utf8').trim();
  return URL.canParse(url) ? new URL(url).password : null;
}

/** For the backend and for lifeguard's check: mode 0600, and never half a file. Each start comes here: what is right is left as it is. */
export function writeUrl(urlFile: string, password: string, port: number): void {
  const url = `postgres://${DATABASE}:${password}@127.0.0.1:${port}/${DATABASE}\n`;
  if (existsSync(urlFile) && readFileSync(urlFile, 'utf8') === url) return;
  const fresh = `${urlFile}.${process.pid}`;
  writeFileSync(fresh, url, { mode: 0o600, flush: true });
  renameSync(fresh, urlFile);
}
