import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../host/replace-file.ts';
import { UNITS } from './systemctl.ts';
import { HEADER, unitNameOf } from './unit.ts';

/** Where our part of a user's unit belongs, on this machine as it is. */
export interface UnitPlace {
  readonly unit: string;
  readonly path: string;
  /** Somebody else's unit of that name is there (`pm2 startup` wrote it): ours is a drop-in that goes over it. */
  readonly over: boolean;
}

export function unitPlaceOf(user: string, units = UNITS): UnitPlace {
  const unit = unitNameOf(user);
  const own = join(units, unit);
  const over = existsSync(own) && !isOurs(own);
  return { unit, path: over ? join(`${own}.d`, 'lifeguard.conf') : own, over };
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

/** @returns whether there was anything of ours */
export function removeUnit(place: UnitPlace): boolean {
  if (writtenUnit(place) === null) return false;
  rmSync(place.path);
  if (place.over)
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
