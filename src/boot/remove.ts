import { requireSystemd, systemctl, unitState } from './systemctl.ts';
import { removeUnit, unitPlaceOf, writtenUnit } from './unit-place.ts';

export interface Removed {
  readonly unit: string;
  /** Whether there was anything of ours. */
  readonly removed: boolean;
  /** The unit of `pm2 startup` is there again as it was. */
  readonly over: boolean;
  /** It goes on until it ends; nothing starts it again. */
  readonly running: boolean;
}

/** As root: takes away what `boot install` wrote. What runs goes on. @throws LifeguardError when systemd does not do it */
export function removeBoot(user: string): Removed {
  requireSystemd();
  const place = unitPlaceOf(user);
  const running = unitState(place.unit).active === 'active';
  if (writtenUnit(place) === null) return { unit: place.unit, removed: false, over: place.over, running };
  if (!place.over) systemctl('disable', place.unit);
  removeUnit(place);
  systemctl('daemon-reload');
  return { unit: place.unit, removed: true, over: place.over, running };
}
