import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../checking/stream-check.ts';
import { LogTap } from '../checking/tap.ts';
import { FileCheck, type Mark, putBack, type Repair } from '../checking/verify.ts';
import { SleepWatch } from '../holding/asleep.ts';
import { type FileId, fileId, idOfPath, openFilesOf } from '../holding/open-files.ts';
import type { LogSource } from '../sources.ts';
import { atIdleInstant } from './instant.ts';
import { type PreparedSwap, prepareSwap, swap, undoSwap } from './swap.ts';

/** A live file that is due, and the name it gets. */
export interface Target {
  readonly source: LogSource;
  readonly rotated: string;
  /** Rotate it even if no idle instant comes. */
  readonly must: boolean;
}

export interface RotatePorts {
  /** PM2's reloadLogs. Must put its request on the socket before it returns its promise. */
  readonly reload: () => Promise<void>;
  /** The daemon's bus (PM2_HOME/pub.sock). */
  readonly busPath: string;
  /** How long an idle instant is looked for. */
  readonly boundMs: number;
  /** One that listens already, for output that was published before this rotation; it is closed. */
  readonly tap?: LogTap;
  /** By live path: the rotated file that its writers still hold, as a kill came between swap and reload. */
  readonly behind?: ReadonlyMap<string, string>;
}

export interface Rotation {
  readonly rotated: readonly Target[];
  /** No idle instant came, and it could wait. Nothing has changed. */
  readonly postponed: readonly Target[];
  readonly failed: readonly { readonly path: string; readonly error: unknown }[];
  /** What the daemon dropped at the reload and got back. Empty as a rule. */
  readonly repaired: readonly Repair[];
  /** Files of which it could not be told whether something was dropped. */
  readonly unverified: readonly string[];
  /** Whether the reload was asked for at an idle instant. */
  readonly idle: boolean;
}

/** How long the daemon and its workers may take to reopen their files, and the bus to get as far as the files (a daemon that lags). */
const REOPEN_MS = 20_000;
/** How long an app that has just stopped or started is waited for. */
const OPEN_MS = 1_000;
const ARRIVE_MS = 20_000;

/**
 * Rotates files that PM2 reopens: second name, swap and reload at an idle instant, then check against the daemon's bus. `all` are all
 * files that the daemon and its workers hold: the one reload that PM2 knows reopens every one of them.
 */
export async function rotate(targets: readonly Target[], all: readonly LogSource[], ports: RotatePorts): Promise<Rotation> {
  const { prepared, failed } = prepareAll(targets);
  const nothing = { rotated: [], postponed: [], failed, repaired: [], unverified: [], idle: false };
  if (targets.length > 0 && prepared.size === 0) return nothing;
  const marks = all.flatMap((source) => markOf(source, rotatedPathOf(prepared, source), ports.behind?.get(source.path)) ?? []);
  const tap = ports.tap ?? (await LogTap.open(ports.busPath).catch(() => null));
  try {
    const fired = await fire(
      [...prepared.values()],
      all,
      ports,
      targets.length === 0 || [...prepared.keys()].some((t) => t.must),
    );
    if (fired === null) {
      for (const each of prepared.values()) undoSwap(each);
      return { ...nothing, postponed: [...prepared.keys()] };
    }
    const refused = await fired.reloaded.then(
      () => [],
      (error: unknown) => [{ path: 'reloadLogs', error }],
    );
    const final = await reopened(all, marks);
    const verified = await verify(final, all, tap);
    const held = marks.filter((mark) => !final.includes(mark)).map((mark) => mark.source.path);
    return {
      ...verified,
      unverified: [...held, ...verified.unverified],
      failed: [...failed, ...refused, ...verified.failed],
      postponed: [],
      rotated: [...prepared.keys()],
      idle: fired.idle,
    };
  } finally {
    tap?.close();
  }
}

/** Every process that has one of these files open: the daemon for apps in fork mode, each worker of a cluster. */
export function holdersOf(sources: readonly LogSource[]): number[] {
  return [...new Set(sources.flatMap((source) => [...source.streams.map(({ holder }) => holder), ...source.pids]))].filter(
    (pid) => pid > 0,
  );
}

function prepareAll(targets: readonly Target[]) {
  const prepared = new Map<Target, PreparedSwap>();
  const failed: { path: string; error: unknown }[] = [];
  for (const target of targets) {
    try {
      prepared.set(target, prepareSwap(target.source.path, target.rotated));
    } catch (error) {
      failed.push({ path: target.source.path, error });
    }
  }
  return { prepared, failed };
}

function rotatedPathOf(prepared: ReadonlyMap<Target, PreparedSwap>, source: LogSource): string {
  for (const target of prepared.keys()) if (target.source.path === source.path) return target.rotated;
  return source.path;
}

/** @param behind what its writers hold instead of the live file; when there are several processes, it is not known which of them */
function markOf(source: LogSource, path: string, behind: string | undefined): Mark | null {
  if (behind !== undefined && holdersOf([source]).length > 1 + source.pids.length) return null;
  const stat = lstatSync(behind ?? source.path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? { source, id: fileId(stat), bytes: Number(stat.size), path: behind ?? path } : null;
}

/** Swaps and asks for the reload in one go. null: no idle instant came, and nothing `must`. */
async function fire(swaps: readonly PreparedSwap[], all: readonly LogSource[], ports: RotatePorts, must: boolean) {
  let reloaded: Promise<void> = Promise.resolve();
  const go = () => {
    for (const each of swaps) swap(each);
    reloaded = ports.reload();
    reloaded.catch(() => undefined);
    return true;
  };
  const ends = swaps.map((each) => openSync(each.live, 'r'));
  try {
    const idle = await atIdleInstant(holdersOf(all), { ready: () => ends.every(endsALine), fire: go, boundMs: ports.boundMs });
    if (!idle && !must) return null;
    if (!idle) go();
    return { idle, reloaded };
  } finally {
    for (const fd of ends) closeSync(fd);
  }
}

const lastByte = Buffer.alloc(1);

function endsALine(fd: number): boolean {
  const { size } = fstatSync(fd);
  return size === 0 || (readSync(fd, lastByte, 0, 1, size - 1) === 1 && lastByte[0] === 0x0a);
}

/**
 * Waits until nobody holds a file that was swapped away and everybody holds the live one, or gives up: an app may have stopped meanwhile, and
 * who holds a rotated file for good is found again later.
 * @returns the marks of files that nobody writes to any more as they were; the others can't be compared yet
 */
async function reopened(all: readonly LogSource[], marks: readonly Mark[]): Promise<Mark[]> {
  const began = performance.now();
  const gone = new Set(marks.filter((mark) => mark.path !== mark.source.path).map((mark) => mark.id));
  while (holdersOfAny(all, gone).length > 0 && performance.now() - began < REOPEN_MS) await sleep(2);
  while (staleHolders(all).length > 0 && performance.now() - began < OPEN_MS) await sleep(2);
  const held = new Set(holdersOf(all).flatMap((pid) => [...(openFilesOf(pid) ?? [])]));
  return marks.filter((mark) => !gone.has(mark.id) || !held.has(mark.id));
}

/** The processes that have one of these files open. */
function holdersOfAny(all: readonly LogSource[], ids: ReadonlySet<FileId>): number[] {
  return ids.size === 0 ? [] : holdersOf(all).filter((pid) => [...(openFilesOf(pid) ?? [])].some((id) => ids.has(id)));
}

/** The processes that do not hold a live file that they write to. What is unknown is trusted. */
export function staleHolders(all: readonly LogSource[]): number[] {
  return holdersOf(all).filter((pid) => {
    const open = openFilesOf(pid);
    if (open === null) return false;
    return all.some(({ path, streams }) => {
      if (!streams.some(({ holder }) => holder === pid)) return false;
      const id = idOfPath(path);
      return id === null || !open.has(id);
    });
  });
}

/** The files that one of their writers does not hold: its stream has ended. What is unknown is trusted. */
export function endedSources(all: readonly LogSource[]): LogSource[] {
  const openFiles = new Map(holdersOf(all).map((pid) => [pid, openFilesOf(pid)]));
  return all.filter(({ path, streams }) => {
    const id = idOfPath(path);
    return id !== null && streams.some(({ holder }) => openFiles.get(holder)?.has(id) === false);
  });
}

/** Waits until the bus and the files agree on where they are, compares them, and puts back what the reload dropped. */
async function verify(marks: readonly Mark[], all: readonly LogSource[], tap: LogTap | null) {
  if (tap === null) return { repaired: [], failed: [], unverified: marks.map((mark) => mark.source.path) };
  const repaired: Repair[] = [];
  const failed: { path: string; error: unknown }[] = [];
  const unverified: string[] = [];
  for (const { mark, verdicts } of await judged(marks, all, tap)) {
    if (verdicts.some(({ kind }) => kind === 'unknown' || kind === 'pending')) unverified.push(mark.source.path);
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
async function judged(marks: readonly Mark[], all: readonly LogSource[], tap: LogTap) {
  const end = performance.now() + ARRIVE_MS;
  const done: { mark: Mark; verdicts: Verdict[] }[] = [];
  let open = marks.map((mark) => new FileCheck(mark));
  for (let pauseMs = 5, idleBefore = false; open.length > 0; pauseMs = Math.min(2 * pauseMs, 160)) {
    await sleep(idleBefore ? 5 : pauseMs);
    const idleNow = nothingInHand(all);
    for (const check of open) check.feed(tap);
    const late = performance.now() > end;
    const looked = open.map((check) => ({ check, mark: check.mark, verdicts: check.verdicts(tap, idleNow && idleBefore) }));
    const still = looked.filter(({ verdicts }) => !late && verdicts.some(({ kind }) => kind === 'pending'));
    done.push(...looked.filter((each) => !still.includes(each)));
    open = still.map(({ check }) => check);
    idleBefore = idleNow;
  }
  return done;
}

function nothingInHand(all: readonly LogSource[]): boolean {
  const watches = holdersOf(all).flatMap((pid) => SleepWatch.open(pid) ?? []);
  try {
    return watches.every((watch) => watch.asleep());
  } finally {
    for (const watch of watches) watch.close();
  }
}
