import { chmodSync, lstatSync, type Stats, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import { Archivist } from './archivist.ts';
import { type ClockTrust, firstLook, isTrusted, nextLook } from './clock-trust.ts';
import { namesIn, rotatedByApp, rotatedFilesOf } from './directory.ts';
import { codeOf, type LogEvent, textOf } from './log-event.ts';
import { freeName } from './names.ts';
import { idOfPath } from './open-files.ts';
import { cannotWait, type DueReason, whyDue } from './plan.ts';
import { recover } from './recover.ts';
import { removals } from './retention.ts';
import { type Rotation, rotate, staleHolders, type Target } from './rotate.ts';
import type { LogSource } from './sources.ts';
import { FILE_MODE, prepareSwap, swap } from './swap.ts';

export interface RotatorPorts {
  /** All live log files as they are now, see logSources. A rejection skips the tick. */
  readonly sources: () => Promise<readonly LogSource[]>;
  /** Pm2Client.reloadLogs: puts its request on the socket before it returns. */
  readonly reload: () => Promise<void>;
  /** The daemon's bus, socketsOf(pm2Home).bus. */
  readonly busPath: string;
  readonly clock: Clock;
  /** Must not throw. */
  readonly report: (event: LogEvent) => void;
}

/** What one round did, for `pm2 trigger lifeguard rotate-logs`. */
export interface RoundSummary {
  /** New names, before compression. */
  readonly rotated: readonly string[];
  readonly postponed: readonly string[];
  readonly failed: readonly { readonly path: string; readonly code: string; readonly text: string }[];
}

export interface Rotator {
  /** Rotates what is due, archives and removes. To be called about once a second; calls do not overlap. */
  tick(): Promise<RoundSummary>;
  /** Rotates every file that has a line in it. Resolves once they are rotated; compression goes on behind. */
  rotateNow(): Promise<RoundSummary>;
  /** Resolves when no rotation and no compression is under way. */
  settled(): Promise<void>;
}

/** How long an idle instant of the daemon is looked for. */
const IDLE_BOUND_MS = 500;
const RETENTION_EVERY_MS = 60_000;

export function createRotator(ports: RotatorPorts): Rotator {
  return new LogRotator(ports);
}

interface Due {
  readonly target: Target;
  readonly why: DueReason;
}

class LogRotator implements Rotator {
  readonly #ports: RotatorPorts;
  readonly #archivist: Archivist;
  readonly #known = new Set<string>();
  readonly #sinceMs = new Map<string, number>();
  /** Monotonic ms since which a due file waits for an idle instant. */
  readonly #waiting = new Map<string, number>();
  readonly #told = new Set<string>();
  #trust: ClockTrust | null = null;
  #retainedAt = Number.NEGATIVE_INFINITY;
  #stale = false;
  #round: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(ports: RotatorPorts) {
    this.#ports = ports;
    this.#archivist = new Archivist(
      (event) => ports.report(event),
      (path, error) => this.#fail(path, error),
    );
  }

  async tick(): Promise<RoundSummary> {
    return this.#queued > 0 ? { rotated: [], postponed: [], failed: [] } : this.#enqueue(false);
  }

  rotateNow(): Promise<RoundSummary> {
    return this.#enqueue(true);
  }

  async settled(): Promise<void> {
    await this.#round;
    await this.#archivist.settled();
  }

  #enqueue(demanded: boolean): Promise<RoundSummary> {
    this.#queued++;
    const round = this.#round.then(() => this.#go(demanded));
    this.#round = round.then(
      () => this.#queued--,
      () => this.#queued--,
    );
    return round;
  }

  async #go(demanded: boolean): Promise<RoundSummary> {
    const sources = (await this.#ports.sources()).filter((source) => this.#isOurs(source));
    this.#look(sources);
    const fresh = this.#recoverNew(sources);
    const due = this.#due(sources, demanded);
    const rotation = await this.#rotate(due, sources, fresh);
    this.#archivist.start(sources);
    this.#retain(sources, rotation.rotated.length > 0);
    return {
      rotated: rotation.rotated.map((target) => target.rotated),
      postponed: rotation.postponed.map((target) => target.source.path),
      failed: rotation.failed.map(({ path, error }) => ({ path, code: codeOf(error), text: textOf(error) })),
    };
  }

  /** Regular files only, and 0640. A symbolic link would lead out of the directory: it is left alone, and told once. */
  #isOurs({ path }: LogSource): boolean {
    const stat = statOf(path);
    if (stat?.isSymbolicLink())
      this.#fail(path, Object.assign(new Error(`${path} is a symbolic link: not rotated`), { code: 'SYMLINK' }));
    if (stat && !stat.isFile()) return false;
    if (stat && (stat.mode & 0o777) !== FILE_MODE) this.#try(path, () => chmodSync(path, FILE_MODE));
    return true;
  }

  #look(sources: readonly LogSource[]): void {
    const { clock } = this.#ports;
    const look = { wallMs: clock.wallNow(), monotonicMs: clock.now() };
    this.#trust = this.#trust === null ? firstLook(look, evidence(sources)) : nextLook(this.#trust, look);
  }

  /** @returns whether any file was seen for the first time */
  #recoverNew(sources: readonly LogSource[]): boolean {
    const fresh = sources.filter((source) => !this.#known.has(source.path));
    for (const source of fresh) {
      this.#try(source.path, () => {
        for (const file of recover(source)) this.#archivist.add(file.path, source);
      });
      this.#known.add(source.path);
      this.#sinceMs.set(source.path, this.#beginOf(source));
    }
    return fresh.length > 0;
  }

  /** When the live file's first line was written, as well as can be told. */
  #beginOf({ path }: LogSource): number {
    const now = this.#ports.clock.wallNow();
    const last = rotatedFilesOf(path).at(-1)?.atMs;
    if (last !== undefined && last <= now) return last;
    return statOf(path)?.birthtimeMs || now;
  }

  #due(sources: readonly LogSource[], demanded: boolean): Due[] {
    const { clock } = this.#ports;
    const wallMs = clock.wallNow();
    return sources.flatMap((source) => {
      const file = { bytes: statOf(source.path)?.size ?? 0, sinceMs: this.#sinceMs.get(source.path) ?? wallMs };
      const why = whyDue(file, source.policy, { wallMs, demanded });
      const name = why && freeName(source.path, wallMs, new Set(namesIn(dirname(source.path))));
      if (!why || !name) return [];
      const waitedMs = clock.now() - (this.#waiting.get(source.path) ?? clock.now());
      const target = { source, rotated: join(dirname(source.path), name), must: cannotWait(file, source.policy, why, waitedMs) };
      return [{ target, why }];
    });
  }

  async #rotate(due: readonly Due[], sources: readonly LogSource[], fresh: boolean): Promise<Rotation> {
    const reopened = sources.filter((source) => source.writing === 'reopened');
    const targets = due.map(({ target }) => target).filter(({ source }) => source.writing === 'reopened');
    const byPath = due.map(({ target }) => target).filter(({ source }) => source.writing === 'by-path');
    const swapped = byPath.filter((target) =>
      this.#try(target.source.path, () => swap(prepareSwap(target.source.path, target.rotated))),
    );
    const reloadOnly = targets.length === 0 && this.#mustReload(reopened, fresh);
    const { reload, busPath } = this.#ports;
    const rotation =
      targets.length > 0 || reloadOnly ? await rotate(targets, reopened, { reload, busPath, boundMs: IDLE_BOUND_MS }) : NOTHING;
    const whole = { ...rotation, rotated: [...swapped, ...rotation.rotated] };
    this.#note(whole, due);
    return whole;
  }

  /** Somebody holds a file that is no longer the live one: killed between swap and reload, a disk that was full, a file removed by hand. */
  #mustReload(reopened: readonly LogSource[], fresh: boolean): boolean {
    const gone = new Set(this.#archivist.pending.flatMap((path) => idOfPath(path) ?? []));
    const stale = staleHolders(reopened, gone).length > 0;
    // An app that is just starting or stopping looks like this for a moment, too.
    const reload = stale && (this.#stale || fresh);
    this.#stale = stale && !reload;
    return reload;
  }

  #note(rotation: Rotation, due: readonly Due[]): void {
    const { clock, report } = this.#ports;
    for (const target of rotation.rotated) {
      const live = target.source.path;
      this.#archivist.add(target.rotated, target.source);
      this.#sinceMs.set(live, clock.wallNow());
      this.#waiting.delete(live);
      this.#recovered(live);
      report({ kind: 'rotated', live, rotated: target.rotated, why: due.find((each) => each.target === target)?.why ?? '' });
    }
    for (const { source } of rotation.postponed) {
      if (!this.#waiting.has(source.path)) this.#waiting.set(source.path, clock.now());
    }
    for (const { path, error } of rotation.failed) this.#fail(path, error);
    for (const repair of rotation.repaired) report({ kind: 'repaired', ...repair });
    for (const path of rotation.unverified) report({ kind: 'unverified', path });
  }

  #retain(sources: readonly LogSource[], now: boolean): void {
    const { clock, report } = this.#ports;
    if (!now && clock.now() - this.#retainedAt < RETENTION_EVERY_MS) return;
    this.#retainedAt = clock.now();
    const byAge = this.#trust !== null && isTrusted(this.#trust);
    for (const { source, files } of rotatedByApp(sources).values()) {
      for (const { path, bytes, why } of removals(files, source.policy, { wallMs: clock.wallNow(), byAge })) {
        if (this.#try(path, () => unlinkSync(path))) report({ kind: 'removed', path, bytes, why });
      }
    }
  }

  #try(path: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#fail(path, error);
      return false;
    }
  }

  #fail(path: string, error: unknown): void {
    const key = `${path} ${codeOf(error)}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#ports.report({ kind: 'failed', path, code: codeOf(error), text: textOf(error) });
  }

  #recovered(path: string): void {
    for (const key of this.#told) if (key.startsWith(`${path} `)) this.#told.delete(key);
  }
}

const NOTHING: Rotation = { rotated: [], postponed: [], failed: [], repaired: [], unverified: [], idle: true };

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Times that were written down before this start: they tell whether the clock went on from where it was. */
function evidence(sources: readonly LogSource[]): number[] {
  return sources.flatMap((source) => [
    ...(statOf(source.path) ? [statOf(source.path)?.mtimeMs ?? 0] : []),
    ...rotatedFilesOf(source.path).map((file) => file.atMs),
  ]);
}
