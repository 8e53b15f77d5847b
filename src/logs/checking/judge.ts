import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../host/host.ts';
import type { Verdict } from './stream-check.ts';
import type { LogTap } from './tap.ts';
import { FileCheck, type Mark, putBack, type Repair } from './verify.ts';

/** How long the bus may take to get as far as the files (a daemon that lags). */
const ARRIVE_MS = 20_000;
const PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 160;

/** A file that a reload reopened. */
export interface Checked {
  readonly mark: Mark;
  /** Everybody is known to have let go of the file as it was. Else what seems to be missing may be written yet: nothing is put back. */
  readonly final: boolean;
}

export interface Judged {
  /** What the reload dropped and got back. */
  readonly repaired: readonly Repair[];
  /** Of these live files it could not be told whether something was dropped. */
  readonly unverified: readonly string[];
  readonly failed: readonly { readonly path: string; readonly error: unknown }[];
}

/** Waits until the bus and the files agree on where they are, compares them, and puts back what the reload dropped. `pids`: all writers. */
export async function judge(host: Host, files: readonly Checked[], pids: readonly number[], tap: LogTap): Promise<Judged> {
  const repaired: Repair[] = [];
  const failed: { path: string; error: unknown }[] = [];
  const unverified: string[] = [];
  for (const { file, verdicts } of await judgedFiles(host, files, pids, tap)) {
    const { mark, final } = file;
    const whole = verdicts.every(({ kind }) => kind === 'whole' || (final && kind === 'missing'));
    if (!whole) unverified.push(mark.source.path);
    if (!final) continue;
    try {
      const repair = putBack(mark, verdicts);
      if (repair) repaired.push(repair);
    } catch (error) {
      failed.push({ path: mark.path, error });
    }
  }
  return { repaired, failed, unverified };
}

/**
 * A file that is judged is done. Where output cannot be told yet, it is when nobody has anything in hand twice in a row: what was published
 * before the first time has been read by the second, and stands in the file or never will.
 */
async function judgedFiles(host: Host, files: readonly Checked[], pids: readonly number[], tap: LogTap) {
  const end = performance.now() + ARRIVE_MS;
  const done: { file: Checked; verdicts: Verdict[] }[] = [];
  let open = files.map((file) => ({ file, check: new FileCheck(file.mark) }));
  for (let pauseMs = PAUSE_MS, idleBefore = false; open.length > 0; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await sleep(idleBefore ? PAUSE_MS : pauseMs);
    const idleNow = nothingInHand(host, pids);
    for (const { check } of open) check.feed(tap);
    const late = performance.now() > end;
    const looked = open.map((each) => ({ ...each, verdicts: each.check.verdicts(tap, idleNow && idleBefore) }));
    const still = looked.filter(({ verdicts }) => !late && verdicts.some(({ kind }) => kind === 'pending'));
    done.push(...looked.filter((each) => !still.includes(each)));
    open = still;
    idleBefore = idleNow;
  }
  return done;
}

/** Where it can't be told, they are taken to be at work. */
function nothingInHand(host: Pick<Host, 'watchSleep'>, pids: readonly number[]): boolean {
  const watches = pids.map((pid) => host.watchSleep(pid));
  try {
    return watches.every((watch) => watch?.asleep() ?? false);
  } finally {
    for (const watch of watches) watch?.close();
  }
}
