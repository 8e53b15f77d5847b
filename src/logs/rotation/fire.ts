import { closeSync, constants, fstatSync } from 'node:fs';
import type { Host } from '../../host/host.ts';
import { endsALine, openRegular } from '../on-disk/regular-file.ts';
import { atIdleInstant, atQuietMoment } from './instant.ts';
import type { Newborns } from './newborns.ts';
import { type PreparedSwap, swap } from './swap.ts';

export interface FireOptions {
  /** PM2's reloadLogs. Must put its request on the socket before it returns its promise. */
  readonly reload: () => Promise<void>;
  /** Every process through which a line may be on its way to one of the files that the reload reopens. */
  readonly pids: readonly number[];
  /** While there are any it is not done; null: even then. */
  readonly newborns: Newborns | null;
  /** How long an idle instant is looked for. */
  readonly boundMs: number;
  /** Do it even if none comes. */
  readonly must: boolean;
}

export interface Fired {
  /** It was done at an idle instant. */
  readonly idle: boolean;
  readonly reloaded: Promise<void>;
}

/** Swaps and asks for the reload in one go. `busy`: no fit moment came, and it was no `must`; `young`: somebody always was. */
export async function fire(host: Host, swaps: readonly PreparedSwap[], options: FireOptions): Promise<Fired | 'busy' | 'young'> {
  let reloaded: Promise<void> = Promise.resolve();
  const go = () => {
    for (const each of swaps) swap(each);
    reloaded = options.reload();
    reloaded.catch(() => undefined);
    return true;
  };
  const live = swaps.map((each) => openRegular(each.live, constants.O_RDONLY));
  try {
    const moment = { ready: () => !options.newborns?.any() && live.every(endsALine), fire: go, boundMs: options.boundMs };
    if (await atIdleInstant(host, options.pids, moment)) return { idle: true, reloaded };
    const size = () => live.reduce((sum, fd) => sum + fstatSync(fd).size, 0);
    const tellsNobody = options.pids.some((pid) => !tells(host, pid));
    if (tellsNobody && (await atQuietMoment({ ...moment, size }))) return { idle: false, reloaded };
    if (!options.must) return 'busy';
    if (options.newborns?.any()) return 'young';
    go();
    return { idle: false, reloaded };
  } finally {
    for (const fd of live) closeSync(fd);
  }
}

/** Whether it can be told of this process that it is asleep. */
function tells(host: Host, pid: number): boolean {
  const watch = host.watchSleep(pid);
  watch?.close();
  return watch !== null;
}
