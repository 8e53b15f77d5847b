import { requireSystemd, systemctl, unitState } from './systemctl.ts';
import { removeUnit, type UnitPlace, writtenUnit } from './unit-place.ts';

export interface Removed {
  readonly unit: string;
  /** Whether there was anything of ours. */
  readonly removed: boolean;
  /** The unit of `pm2 startup` is there again as it was. */
  readonly over: boolean;
  /** It goes on until it ends; nothing starts it again. */
  readonly running: boolean;
}

/**
 * As root, or as the user in whose systemd it is: takes away what `boot install` wrote. What runs goes on.
 * @throws LifeguardError when systemd does not do it
 */
export function removeBoot(place: UnitPlace): Removed {
  requireSystemd();
  const over = place.kind === 'drop-in';
  const running = unitState(place).active === 'active';
  if (writtenUnit(place) === null) return { unit: place.unit, removed: false, over, running };
  if (!over) systemctl(place.manager, 'disable', place.unit);
  removeUnit(place);
  systemctl(place.manager, 'daemon-reload');
  return { unit: place.unit, removed: true, over, running };
}
