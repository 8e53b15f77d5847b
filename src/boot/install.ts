import { setTimeout as sleep } from 'node:timers/promises';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import type { Host } from '../host/host.ts';
import { daemonPid } from '../host/orphans/marker.ts';
import { groupsOf, moveTree, unitOfProcess } from './cgroups.ts';
import { requireSystemd, systemctl, unitState } from './systemctl.ts';
import { type BootFacts, bootUnit } from './unit.ts';
import { unitPlaceOf, writeUnit, writtenUnit } from './unit-place.ts';

const HANDED_OVER_WITHIN_MS = 60_000;

export interface Installed {
  readonly unit: string;
  readonly path: string;
  /** Whether the file was written anew. */
  readonly changed: boolean;
  /** The daemon's pid, and whether it was systemd's before. */
  readonly daemon: number;
  readonly handedOver: boolean;
}

/**
 * As root: writes the unit, lets it start at boots, and hands the running daemon over to it. Nothing that runs is restarted.
 * @throws LifeguardError when systemd does not take it
 */
export async function installUnit(facts: BootFacts, host: Host): Promise<Installed> {
  requireSystemd();
  const place = unitPlaceOf(facts.user);
  const text = bootUnit(facts, place.over);
  const changed = writtenUnit(place) !== text;
  if (changed) writeUnit(place, text);
  systemctl('daemon-reload');
  systemctl('enable', place.unit);
  const was = unitState(place.unit);
  const daemon = daemonPid(facts.pm2Home);
  if (was.active === 'active' && was.mainPid === daemon && daemon !== null)
    return { unit: place.unit, path: place.path, changed, daemon, handedOver: false };
  // Active without the daemon that runs: `pm2 update` did that. The unit's own processes are gone, or not PM2's.
  systemctl(was.active === 'active' ? 'restart' : 'start', '--no-block', place.unit);
  return { unit: place.unit, path: place.path, changed, daemon: await handOver(facts, place.unit, host), handedOver: true };
}

/** While the unit's program waits for it, the daemon is moved to where that one is: so systemd takes it for its own. */
async function handOver({ pm2Home }: BootFacts, unit: string, host: Host): Promise<number> {
  const end = performance.now() + HANDED_OVER_WITHIN_MS;
  for (;;) {
    const { active, mainPid, controlPid } = unitState(unit);
    const daemon = daemonPid(pm2Home);
    if (active === 'active' && mainPid === daemon && daemon !== null) return daemon;
    const into = controlPid > 0 && unitOfProcess(controlPid) === unit ? groupsOf(controlPid) : null;
    if (into !== null && daemon !== null && groupsOf(daemon) !== null) await moveTree(host, daemon, into);
    if (performance.now() > end)
      throw new LifeguardError('not-handed-over', `${unit} did not take PM2's daemon over: it is ${active}`, {
        hint: `What runs goes on as before, and the unit will start it at the next boot. systemctl status ${unit} says more.`,
      });
    await sleep(50);
  }
}
