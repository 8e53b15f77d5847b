import { setTimeout as sleep } from 'node:timers/promises';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import type { Host } from '../host/host.ts';
import { daemonPid } from '../host/orphans/marker.ts';
import { pidFileOf } from '../pm2/home.ts';
import { attachTree } from './attach.ts';
import { type Groups, groupsOf, moveTree, unitOfProcess } from './cgroups.ts';
import { requireSystemd, systemctl, unitState } from './systemctl.ts';
import { type BootFacts, bootUnit } from './unit.ts';
import { type UnitPlace, writeUnit, writtenUnit } from './unit-place.ts';
import { isWatched, watchAgain } from './watch.ts';

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
 * As root, or as the user in whose systemd it is to be: writes the unit, lets it start at boots, and hands the running daemon over to it.
 * Nothing that runs is restarted.
 * @throws LifeguardError when systemd does not take it
 */
export async function installUnit(facts: BootFacts, host: Host, place: UnitPlace): Promise<Installed> {
  requireSystemd();
  const { manager } = place;
  const text = bootUnit(facts, place.kind);
  const changed = writtenUnit(place) !== text;
  if (changed) writeUnit(place, text);
  systemctl(manager, 'daemon-reload');
  systemctl(manager, 'enable', place.unit);
  const was = unitState(place);
  const daemon = daemonPid(facts.pm2Home);
  if (was.active === 'active' && was.mainPid === daemon && daemon !== null) {
    if (manager === 'user' && !isWatched(daemon)) watchOnce(daemon, facts, place);
    return { unit: place.unit, path: place.path, changed, daemon, handedOver: false };
  }
  // Active without the daemon that runs: `pm2 update` did that. The unit's own processes are gone, or not PM2's.
  systemctl(manager, was.active === 'active' ? 'restart' : 'start', '--no-block', place.unit);
  return { unit: place.unit, path: place.path, changed, daemon: await handOver(facts, place, host), handedOver: true };
}

function watchOnce(daemon: number, { pm2Home }: BootFacts, place: UnitPlace): void {
  if (watchAgain(daemon, pidFileOf(pm2Home), place.unit)) return;
  throw new LifeguardError('not-watched', `your systemd could not be made to wait for the end of PM2's daemon (pid ${daemon})`, {
    hint: `With a restart of all: npx pm2 kill, then systemctl --user start ${place.unit}`,
  });
}

/** While the unit's program waits for it, the daemon is moved to where that one is: so systemd takes it for its own. */
async function handOver({ pm2Home }: BootFacts, place: UnitPlace, host: Host): Promise<number> {
  const { unit } = place;
  const end = performance.now() + HANDED_OVER_WITHIN_MS;
  for (;;) {
    const { active, mainPid, controlPid } = unitState(place);
    const daemon = daemonPid(pm2Home);
    if (active === 'active' && mainPid === daemon && daemon !== null) return daemon;
    const into = controlPid > 0 && unitOfProcess(controlPid) === unit ? groupsOf(controlPid) : null;
    if (into !== null && daemon !== null && groupsOf(daemon) !== null) await moveInto(into, daemon, place, host);
    if (performance.now() > end)
      throw new LifeguardError('not-handed-over', `${unit} did not take PM2's daemon over: it is ${active}`, {
        hint: `What runs goes on as before, and the unit will start it at the next boot. ${statusLine(place)} says more.`,
      });
    await sleep(50);
  }
}

async function moveInto(into: Groups, daemon: number, place: UnitPlace, host: Host): Promise<void> {
  if (place.manager === 'system') return moveTree(host, daemon, into);
  if (await attachTree(host, daemon, place.unit, into)) return;
  // It would wait, give up and be started again for ever.
  systemctl('user', 'stop', place.unit);
  throw new LifeguardError(
    'not-handed-over',
    `your systemd may not take over PM2's daemon (pid ${daemon}), which a login has started`,
    {
      hint: `What runs goes on as before, and ${place.unit} will start it at the next boot. To have it at once, with a restart of all: npx pm2 kill, then systemctl --user start ${place.unit}`,
    },
  );
}

function statusLine({ manager, unit }: UnitPlace): string {
  return `systemctl ${manager === 'user' ? '--user ' : ''}status ${unit}`;
}
