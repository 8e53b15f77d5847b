import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import { flushFolder, replaceFile } from '../host/replace-file.ts';
import { type Manager, UNITS, unitState } from './systemctl.ts';
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

/**
 * One PM2 is started by one unit: the machine's systemd's, or the user's own.
 * @param wanted where it is to be
 * @param home of that user
 * @throws LifeguardError `two-units` where the other one has it already
 */
export function refuseTwoUnits(user: string, wanted: Manager, home: string): void {
  if (wanted === 'user') refuseBesideRoots(user);
  else if (writtenUnit(userPlaceIn(home)) !== null)
    throw new LifeguardError('two-units', `${user}'s own systemd starts this PM2 already`, {
      hint: `To have it in the machine's, as ${user} first: npx lifeguard boot remove`,
    });
}

function refuseBesideRoots(user: string): void {
  const { unit } = unitPlaceOf(user);
  if (unitState({ unit, manager: 'system' }).load === 'not-found') return;
  throw new LifeguardError('two-units', `${unit} of the machine's own systemd starts this PM2 already`, {
    hint: `npx lifeguard boot status says whether all is well with it. To have it your way, as root first: lifeguard boot remove --user ${user}, or pm2 unstartup.`,
  });
}

function isOurs(path: string): boolean {
  return readFileSync(path, 'utf8').startsWith(`# ${HEADER}`);
}
