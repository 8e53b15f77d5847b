import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { UNITS, userEnvironment } from '../../boot/systemctl.ts';
import { unitNameOf } from '../../boot/unit.ts';
import { userPlaceIn } from '../../boot/unit-place.ts';
import type { Boot } from '../facts.ts';

/** `systemctl` answers at once, or never where no systemd is. */
const WITHIN_MS = 3_000;

/** How PM2 is started with the machine: the unit that `pm2 startup systemd` writes for this user, or ours in the user's own systemd. */
export async function bootOf(unitFolder = UNITS, running = '/run/systemd/system'): Promise<Boot> {
  const mine = userPlaceIn(homedir());
  const isMine = existsSync(mine.path);
  const unit = isMine ? mine.unit : unitNameOf(userInfo().username);
  const file = isMine ? mine.path : `${unitFolder}/${unit}`;
  const whose = isMine ? ['--user'] : [];
  const installed = existsSync(file);
  const systemd = existsSync(running);
  const [enabled, active] = systemd
    ? await Promise.all([says([...whose, 'is-enabled', unit]), says([...whose, 'is-active', unit])])
    : [null, null];
  return {
    systemd,
    unit,
    installed,
    enabled: enabled === 'enabled',
    active: active === 'active',
    programGone: installed ? programGone(readFileSync(file, 'utf8')) : null,
  };
}

function says(line: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { timeout: WITHIN_MS, env: userEnvironment() };
    execFile('systemctl', line, options, (_error, stdout) => resolve(stdout.trim() || null));
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
