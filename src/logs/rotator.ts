import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import { Archivist } from './archives/archivist.ts';
import type { LogTap } from './checking/tap.ts';
import { Failures } from './failures.ts';
import { OpenFileLooks } from './holding/open-file-looks.ts';
import { endTheLine, FullDisks } from './keeping/full-disk.ts';
import { Keeper } from './keeping/keeper.ts';
import { codeOf, type LogEvent, textOf } from './log-event.ts';
import { statOf } from './on-disk/directory.ts';
import { Listings } from './on-disk/listing.ts';
import { type Due, DueBook } from './rotation/due.ts';
import { rotateInPlace } from './rotation/in-place.ts';
import { recover } from './rotation/recover.ts';
import { endedSources, type Rotation, rotate, staleHolders } from './rotation/rotate.ts';
import { FILE_MODE } from './rotation/swap.ts';
import type { LogSource } from './sources.ts';

export interface RotatorPorts {
  /** All live log files as they are now, see logSources. A rejection skips the round. */
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
  /** Live files whose turn it is, but no idle instant came. */
  readonly postponed: readonly string[];
  readonly failed: readonly { readonly path: string; readonly code: string; readonly text: string }[];
}

export interface Rotator {
  /** Rotates what is due, archives and removes. To be called about once a second; while a round is under way it does nothing. */
  tick(): Promise<RoundSummary>;
  /** Rotates every file that has a line in it. Resolves once they are rotated; compression goes on behind. */
  rotateNow(): Promise<RoundSummary>;
  /** Resolves when no rotation and no compression is under way. */
  settled(): Promise<void>;
}

/** A look at a thousand apps' log files takes 20 ms: for each file over 200 so many ms pass until the next one. */
const REST_MS = 2;
const WITHOUT_REST = 200;

/** How long an idle instant of the daemon is looked for. */
const IDLE_BOUND_MS = 500;

/** Keeps the logs: see rotate.ts for how nothing is lost. */
export function createRotator(ports: RotatorPorts): Rotator {
  return new LogRotator(ports);
}

class LogRotator implements Rotator {
  readonly #ports: RotatorPorts;
  readonly #failures: Failures;
  readonly #due: DueBook;
  readonly #keeper: Keeper;
  readonly #archivist: Archivist;
  readonly #fullDisks: FullDisks;
  readonly #known = new Set<string>();
  #sources: readonly LogSource[] = [];
  readonly #looks: OpenFileLooks;
  /** Monotonic ms: no look at the files before that. */
  #nextRoundAt = 0;
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(ports: RotatorPorts) {
    const { clock, report, busPath } = ports;
    this.#ports = ports;
    this.#failures = new Failures(report);
    this.#due = new DueBook(clock);
    this.#looks = new OpenFileLooks(clock);
    this.#keeper = new Keeper(clock, this.#failures, report);
    this.#archivist = new Archivist(
      report,
      (path, error) => this.#failed(path, error),
      (path) => this.#fullDisks.has(dirname(path)),
    );
    this.#fullDisks = new FullDisks({
      busPath,
      report,
      makeRoom: (directory, neededBytes) => this.#keeper.makeRoom(this.#sources, directory, neededBytes),
      reopen: async (directory, tap) => {
        this.#archivist.retry();
        await this.#enqueue({ reopen: { directory, tap } });
      },
    });
  }

  async tick(): Promise<RoundSummary> {
    return this.#queued > 0 || this.#ports.clock.now() < this.#nextRoundAt ? NO_ROUND : this.#enqueue({});
  }

  rotateNow(): Promise<RoundSummary> {
    return this.#enqueue({ demanded: true });
  }

  async settled(): Promise<void> {
    await this.#last;
    await this.#archivist.settled();
  }

  /** One round after the other. */
  #enqueue(wish: Wish): Promise<RoundSummary> {
    this.#queued++;
    const round = this.#last.then(() => this.#round(wish));
    const over = () => this.#queued--;
    this.#last = round.then(over, over);
    return round;
  }

  async #round(wish: Wish): Promise<RoundSummary> {
    this.#sources = (await this.#ports.sources()).filter((source) => this.#isOurs(source));
    this.#nextRoundAt = this.#ports.clock.now() + REST_MS * Math.max(0, this.#sources.length - WITHOUT_REST);
    this.#keeper.look(this.#sources);
    const fresh = this.#recoverNew();
    await this.#fullDisks.look(this.#sources);
    const rotation = wish.reopen ? await this.#reopen(wish.reopen) : await this.#rotate(wish.demanded ?? false, fresh);
    this.#archivist.start(this.#sources);
    this.#keeper.retain(this.#sources, rotation.rotated.length > 0);
    return {
      rotated: rotation.rotated.map((target) => target.rotated),
      postponed: rotation.postponed.map((target) => target.source.path),
      failed: rotation.failed.map(({ path, error }) => ({ path, code: codeOf(error), text: textOf(error) })),
    };
  }

  /** Regular files only, and 0640. A symbolic link may lead out of the directory: it is left alone, and told once. */
  #isOurs({ path }: LogSource): boolean {
    const stat = statOf(path);
    if (stat === undefined) return true;
    if (stat.isSymbolicLink()) {
      this.#failures.add(path, Object.assign(new Error(`${path} is a symbolic link: it is not rotated`), { code: 'SYMLINK' }));
    }
    if (stat.isFile() && (stat.mode & 0o777) !== FILE_MODE) this.#failures.try(path, () => chmodSync(path, FILE_MODE));
    return stat.isFile();
  }

  /** @returns whether any file was seen for the first time */
  #recoverNew(): boolean {
    const fresh = this.#sources.filter(({ path }) => !this.#known.has(path));
    const [before, after] = [new Listings(), new Listings()];
    for (const source of fresh) {
      this.#failures.try(source.path, () => {
        for (const file of recover(source, before.beside(source.path))) this.#archivist.add(file.path, source);
      });
      this.#known.add(source.path);
    }
    for (const source of fresh) this.#due.begin(source, after.beside(source.path));
    return fresh.length > 0;
  }

  async #rotate(demanded: boolean, fresh: boolean): Promise<Rotation> {
    const look = fresh || this.#looks.isDue();
    if (look) await this.#catchUp();
    const room = this.#sources.filter(({ path }) => !this.#fullDisks.has(dirname(path)));
    const due = this.#due.due(room, demanded);
    const reopened = this.#reopened();
    const all = due.map(({ target }) => target);
    const targets = all.filter(({ source }) => source.writing === 'reopened');
    const inPlace = await rotateInPlace(
      all.filter(({ source }) => source.writing !== 'reopened'),
      IDLE_BOUND_MS,
    );
    const reload = targets.length > 0 || (look && this.#mustReload(reopened, fresh));
    if (targets.length === 0 && reload) this.#endLines(reopened);
    const rotation = reload ? await rotate(targets, reopened, { ...this.#ports, boundMs: IDLE_BOUND_MS }) : NO_ROTATION;
    const both: Rotation = {
      ...rotation,
      rotated: [...inPlace.rotated, ...rotation.rotated],
      postponed: [...inPlace.postponed, ...rotation.postponed],
      failed: [...inPlace.failed, ...rotation.failed],
      unverified: [...inPlace.unverified, ...rotation.unverified],
    };
    this.#note(both, due);
    return both;
  }

  /** The files that their writers open anew when PM2 is asked to reload. */
  #reopened(): readonly LogSource[] {
    return this.#sources.filter(({ writing }) => writing === 'reopened');
  }

  /** Killed between swap and reload: whoever still holds a rotated file reopens first, so that what it drops is looked for in the right one. */
  async #catchUp(): Promise<void> {
    const behind = this.#looks.look(() => this.#archivist.heldBehind());
    if (behind.size === 0) return;
    this.#note(await rotate([], this.#reopened(), { ...this.#ports, boundMs: IDLE_BOUND_MS, behind }), []);
  }

  /** After a full disk: the files whose streams it ended are rotated, so that what was published since stands where it belongs. */
  async #reopen({ directory, tap }: { directory: string; tap: LogTap | null }): Promise<Rotation> {
    const reopened = this.#reopened();
    const ended = this.#endLines(reopened.filter(({ path }) => dirname(path) === directory));
    const due = this.#due.due(ended, true);
    const ports = { ...this.#ports, boundMs: 0, ...(tap && { tap }) };
    const rotation = await rotate(
      due.map(({ target }) => target),
      reopened,
      ports,
    );
    this.#note(rotation, due);
    return rotation;
  }

  /** Somebody does not hold the file that he writes to: a write that failed, a file removed by hand. On a full disk that is to be expected. */
  #mustReload(reopened: readonly LogSource[], fresh: boolean): boolean {
    if (reopened.some(({ path }) => this.#fullDisks.has(dirname(path)))) return false;
    return this.#looks.isStale(() => staleHolders(reopened).length > 0, fresh);
  }

  /** @returns the files whose stream has ended; the line that was being written then is ended too */
  #endLines(reopened: readonly LogSource[]): LogSource[] {
    const ended = endedSources(reopened);
    for (const { path } of ended) this.#failures.try(path, () => endTheLine(path));
    return ended;
  }

  #note(rotation: Rotation, due: readonly Due[]): void {
    const { report } = this.#ports;
    for (const target of rotation.rotated) {
      const live = target.source.path;
      this.#archivist.add(target.rotated, target.source);
      this.#due.rotated(live);
      this.#failures.clear(live);
      report({
        kind: 'rotated',
        live,
        rotated: target.rotated,
        why: due.find((each) => each.target === target)?.why ?? 'demand',
      });
    }
    for (const { source } of rotation.postponed) this.#due.postponed(source.path);
    for (const { path, error } of rotation.failed) this.#failed(path, error);
    for (const repair of rotation.repaired) report({ kind: 'repaired', ...repair });
    for (const path of rotation.unverified) report({ kind: 'unverified', path });
  }

  #failed(path: string, error: unknown): void {
    if (codeOf(error) === 'ENOSPC') this.#fullDisks.begin(dirname(path), textOf(error), statOf(path)?.size);
    else this.#failures.add(path, error);
  }
}

/** What a round is to do besides what is due. */
interface Wish {
  readonly demanded?: boolean;
  readonly reopen?: { readonly directory: string; readonly tap: LogTap | null };
}

const NO_ROUND: RoundSummary = { rotated: [], postponed: [], failed: [] };
const NO_ROTATION: Rotation = { rotated: [], postponed: [], failed: [], repaired: [], unverified: [], idle: true };
