import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flushFolder, replaceFile } from '../host/replace-file.ts';
import { type Manager, UNITS } from './systemctl.ts';
import { HEADER, type UnitKind, USER_UNIT, unitNameOf } from './unit.ts';

/** Where our part of a user's unit belongs, on this machine as it is. */
export interface UnitPlace {
  readonly unit: string;
  readonly path: string;
  readonly manager: Manager;
  /** `drop-in`: somebody else's unit of that name is there (`pm2 startup` wrote it), and ours goes over it. */
  readonly kind: UnitKind;
}

export function unitPlaceOf(user: string, units = UNITS): UnitPlace {
  const unit = unitNameOf(user);
  const own = join(units, unit);
  const over = existsSync(own) && !isOurs(own);
  const path = over ? join(`${own}.d`, 'lifeguard.conf') : own;
  return { unit, path, manager: 'system', kind: over ? 'drop-in' : 'system' };
}

/** In a user's own systemd. @param home where that one's files are */
export function userPlaceIn(home: string): UnitPlace {
  return { unit: USER_UNIT, path: join(home, '.config/systemd/user', USER_UNIT), manager: 'user', kind: 'user' };
}

/** What is there of ours; null: nothing. */
export function writtenUnit({ path }: UnitPlace): string | null {
  return existsSync(path) && isOurs(path) ? readFileSync(path, 'utf8') : null;
}

/** Whole or not at all. */
export function writeUnit({ path }: UnitPlace, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, text, { mode: 0o644, flush: true });
}

/** After a power cut, too, it is gone. @returns whether there was anything of ours */
export function removeUnit(place: UnitPlace): boolean {
  if (writtenUnit(place) === null) return false;
  rmSync(place.path);
  flushFolder(dirname(place.path));
  if (place.kind === 'drop-in')
    try {
      rmdirSync(dirname(place.path));
    } catch {
      // Drop-ins of others are in it.
    }
  return true;
}

function isOurs(path: string): boolean {
  return readFileSync(path, 'utf8').startsWith(`# ${HEADER}`);
}
