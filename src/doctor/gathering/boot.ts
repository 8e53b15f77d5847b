import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Boot } from '../facts.ts';

/** `systemctl` answers at once, or never where no systemd is. */
const WITHIN_MS = 3_000;

/** How PM2 is started with the machine: the unit that `pm2 startup systemd` writes for this user. */
export async function bootOf(unitFolder = '/etc/systemd/system', running = '/run/systemd/system'): Promise<Boot> {
  const unit = `pm2-${userInfo().username}.service`;
  const file = `${unitFolder}/${unit}`;
  const installed = existsSync(file);
  const systemd = existsSync(running);
  const [enabled, active] = systemd ? await Promise.all([says('is-enabled', unit), says('is-active', unit)]) : [null, null];
  return {
    systemd,
    unit,
    installed,
    enabled: enabled === 'enabled',
    active: active === 'active',
    programGone: installed ? programGone(readFileSync(file, 'utf8')) : null,
  };
}

function says(verb: string, unit: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('systemctl', [verb, unit], { timeout: WITHIN_MS }, (_error, stdout) => resolve(stdout.trim() || null));
  });
}

/** The program of ExecStart that is not there; null: it is. The Node that it runs on is first on the unit's PATH. */
export function programGone(unit: string, isThere: (path: string) => boolean = existsSync): string | null {
  const [, program] = /^ExecStart=(\S+)/m.exec(unit) ?? [];
  if (program === undefined) return null;
  if (!isThere(program)) return program;
  const [, path = ''] = /^Environment="?PATH=([^"\n]+)/m.exec(unit) ?? [];
  const folders = path.split(':').filter((folder) => folder !== '');
  return folders.length === 0 || folders.some((folder) => isThere(`${folder}/node`)) ? null : `node, on the PATH ${path}`;
}
