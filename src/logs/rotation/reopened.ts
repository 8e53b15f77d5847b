import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../host/host.ts';
import type { Mark } from '../checking/verify.ts';
import { holdersOf, staleSources } from '../holding/holders.ts';
import { type Hold, OpenLook } from '../holding/open-look.ts';
import type { LogSource } from '../sources.ts';

/** How long the daemon and its workers may take to reopen their files. */
const REOPEN_MS = 20_000;
/** How long an app that has just stopped or started is waited for. */
const OPEN_MS = 1_000;
const PAUSE_MS = 2;

export interface Reopened {
  readonly mark: Mark;
  /** Whether somebody has the file that was swapped away open still. One that goes on under its name is free where it is known who has what. */
  readonly hold: Hold;
}

/**
 * Waits until nobody is known to hold a file that was swapped away and everybody to hold the live one, or gives up: an app may have stopped
 * meanwhile, and who holds a rotated file for good is found again later.
 */
export async function untilReopened(host: Host, all: readonly LogSource[], marks: readonly Mark[]): Promise<Reopened[]> {
  const began = performance.now();
  const pids = holdersOf(all);
  const gone = marks.filter((mark) => mark.path !== mark.source.path);
  const holdOf = (mark: Mark, look: OpenLook): Hold => {
    const writers = holdersOf([mark.source]);
    return gone.includes(mark) ? look.hold(mark.id, writers) : look.isWholeOf(writers) ? 'free' : 'unknown';
  };
  for (;;) {
    const lookedAt = performance.now();
    const look = await OpenLook.at(host, pids);
    const tookMs = performance.now() - began;
    const held = tookMs < REOPEN_MS && gone.some((mark) => holdOf(mark, look) === 'held');
    const stale = tookMs < OPEN_MS && staleSources(all, look).length > 0;
    if (!held && !stale) return marks.map((mark) => ({ mark, hold: holdOf(mark, look) }));
    await sleep(Math.max(PAUSE_MS, performance.now() - lookedAt));
  }
}
