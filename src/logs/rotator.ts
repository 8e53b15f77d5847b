import { dirname } from 'node:path';
import { Archivist } from './archives/archivist.ts';
import type { LogTap } from './checking/tap.ts';
import { Failures } from './failures.ts';
import { CALM_MS } from './holding/look-pace.ts';
import { FullDisks } from './keeping/full-disk.ts';
import { Keeper } from './keeping/keeper.ts';
import { codeOf, type LogEvent, textOf } from './log-event.ts';
import { Admission } from './on-disk/admission.ts';
import { statOf } from './on-disk/directory.ts';
import { Listings } from './on-disk/listing.ts';
import { StandBack } from './rivals/stand-back.ts';
import { type Due, DueBook } from './rotation/due.ts';
import { rotateInPlace } from './rotation/in-place.ts';
import { recover } from './rotation/recover.ts';
import { type ReloadPorts, Reloads } from './rotation/reloads.ts';
import { NO_ROTATION, type Rotation, together } from './rotation/rotate.ts';
import type { LogSource } from './sources.ts';

export interface RotatorPorts extends ReloadPorts {
  /** All live log files as they are now, see logSources. A rejection skips the round. */
  readonly sources: () => Promise<readonly LogSource[]>;
  /** Must not throw. */
  readonly report: (event: LogEvent) => void;
}

/** What one round did, for `pm2 trigger lifeguard rotate-logs`. */
export interface RoundSummary {
  /** New names, before compression. */
  readonly rotated: readonly string[];
  /** Live files whose turn it is, but no idle instant came, or another lifeguard is at it. */
  readonly postponed: readonly string[];
  readonly failed: readonly { readonly path: string; readonly code: string; readonly text: string }[];
}

export interface Rotator {
  /** Rotates what is due, archives and removes. To be called about once a second; while a round is under way it does nothing. */
  tick(): Promise<RoundSummary>;
  /** Rotates every file of ours that has a line in it. Resolves once they are rotated; compression goes on behind. */
  rotateNow(): Promise<RoundSummary>;
  /** Resolves when no rotation and no compression is under way. */
  settled(): Promise<void>;
}

/** A look at a thousand apps' log files takes 20 ms: for each file over 200 so many ms pass until the next one. */
const REST_MS = 2;
const WITHOUT_REST = 200;

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
  readonly #reloads: Reloads;
  readonly #admission: Admission;
  readonly #standBack: StandBack;
  #known: ReadonlySet<string> = new Set();
  /** All that PM2 reopens, and of these what this lifeguard keeps. */
  #all: readonly LogSource[] = [];
  #kept: readonly LogSource[] = [];
  /** Monotonic ms: no look at the files before that. */
  #nextRoundAt = 0;
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(ports: RotatorPorts) {
    const { clock, busPath, host } = ports;
    const report = (event: LogEvent) => this.#report(event);
    this.#ports = ports;
    this.#failures = new Failures(report);
    this.#due = new DueBook(clock);
    this.#keeper = new Keeper(clock, this.#failures, report);
    this.#admission = new Admission(this.#failures);
    this.#standBack = new StandBack(report);
    this.#archivist = new Archivist({
      host,
      report,
      failed: (path, error) => this.#failed(path, error),
      paused: (path) => this.#fullDisks.lacksRoom(dirname(path)),
    });
    this.#reloads = new Reloads(ports, this.#archivist, this.#failures);
    this.#fullDisks = new FullDisks({
      busPath,
      report,
      makeRoom: (directory, neededBytes) => this.#keeper.makeRoom(this.#kept, directory, neededBytes),
      reopen: async (directory, tap) => {
        await this.#enqueue({ reopen: { directory, tap } }).catch(() => tap?.close());
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
    this.#all = (await this.#ports.sources()).filter((source) => this.#admission.admits(source));
    this.#kept = this.#all.filter(({ keeping }) => keeping !== 'not');
    this.#rest(REST_MS * Math.max(0, this.#all.length - WITHOUT_REST));
    this.#standBack.look(this.#kept);
    this.#keeper.look(this.#kept);
    const fresh = this.#recoverNew();
    const hasPlenty = await this.#fullDisks.look(this.#kept);
    const rotation = wish.reopen ? await this.#reopen(wish.reopen) : await this.#rotate(wish.demanded ?? false, fresh);
    this.#archivist.start(this.#all);
    const isIdle = this.#archivist.pending.length === 0 && !this.#reloads.looksAreDue;
    if (isIdle && hasPlenty && !fresh && this.#due.isFarOff) this.#rest(CALM_MS);
    this.#keeper.retain(this.#kept, { now: rotation.rotated.length > 0, pending: this.#archivist.pending });
    return {
      rotated: rotation.rotated.map((target) => target.rotated),
      postponed: rotation.postponed.map((target) => target.source.path),
      failed: rotation.failed.map(({ path, error }) => ({ path, code: codeOf(error), text: textOf(error) })),
    };
  }

  #rest(forMs: number): void {
    this.#nextRoundAt = Math.max(this.#nextRoundAt, this.#ports.clock.now() + forMs);
  }

  /** @returns whether any file was seen for the first time */
  #recoverNew(): boolean {
    const fresh = this.#kept.filter(({ path }) => !this.#known.has(path));
    const [before, after] = [new Listings(), new Listings()];
    for (const source of fresh) {
      this.#failures.try(source.path, () => {
        for (const file of recover(source, before.beside(source.path))) this.#archivist.add(file.path, source);
      });
    }
    for (const source of fresh) this.#due.begin(source, after.beside(source.path));
    this.#known = new Set(this.#kept.map(({ path }) => path));
    return fresh.length > 0;
  }

  async #rotate(demanded: boolean, fresh: boolean): Promise<Rotation> {
    const look = fresh || this.#reloads.looksAreDue;
    if (look) this.#note(await this.#reloads.catchUp(this.#all), []);
    const ours = this.#kept.filter(({ path, rival }) => rival === null && !this.#fullDisks.has(dirname(path)));
    const due = this.#due.due(ours, demanded);
    const all = due.map(({ target }) => target);
    const targets = all.filter(({ source }) => source.writing === 'reopened');
    const inPlace = await rotateInPlace(
      this.#ports.host,
      all.filter(({ source }) => source.writing !== 'reopened'),
    );
    const rotation = targets.length > 0 ? await this.#reloads.run(targets, this.#all) : await this.#reopenStale(look);
    const both = together(inPlace, rotation);
    this.#note(both, due);
    return both;
  }

  async #reopenStale(look: boolean): Promise<Rotation> {
    // On a full disk it is to be expected that files are not held.
    if (!look || this.#anyFull() || !(await this.#reloads.needed(this.#kept))) return NO_ROTATION;
    await this.#reloads.endLines(this.#kept);
    return this.#reloads.reopen(this.#all);
  }

  /** After a full disk: the files whose streams it ended are rotated, so that what was published since stands where it belongs. */
  async #reopen({ directory, tap }: { directory: string; tap: LogTap | null }): Promise<Rotation> {
    const ended = await this.#reloads.endLines(this.#kept.filter(({ path }) => dirname(path) === directory));
    const due = this.#due.due(
      ended.filter(({ rival }) => rival === null),
      true,
    );
    const targets = due.map(({ target }) => target);
    const rotation = await this.#reloads.run(targets, this.#all, { boundMs: 0, tap, youngToo: true });
    this.#note(rotation, due);
    return rotation;
  }

  #anyFull(): boolean {
    return this.#kept.some(({ path }) => this.#fullDisks.has(dirname(path)));
  }

  #note(rotation: Rotation, due: readonly Due[]): void {
    for (const target of rotation.rotated) {
      const live = target.source.path;
      this.#archivist.add(target.rotated, target.source);
      this.#due.rotated(live);
      this.#admission.laid(live);
      this.#failures.clear(live);
      const why = due.find((each) => each.target === target)?.why ?? 'demand';
      this.#report({ kind: 'rotated', live, rotated: target.rotated, why });
    }
    this.#archivist.letGo(rotation.letGo);
    for (const { source } of rotation.postponed) this.#due.postponed(source.path);
    for (const { path, error } of rotation.failed) this.#failed(path, error);
    for (const repair of rotation.repaired) this.#report({ kind: 'repaired', ...repair });
    for (const path of rotation.unverified) this.#report({ kind: 'unverified', path });
  }

  #report(event: LogEvent): void {
    if (event.kind === 'archived') this.#keeper.retainSoon();
    if (event.kind === 'space-back') this.#archivist.retry();
    this.#ports.report(event);
  }

  #failed(path: string, error: unknown): void {
    this.#due.failed(path);
    if (codeOf(error) === 'ENOSPC') this.#fullDisks.refused(dirname(path), textOf(error), statOf(path)?.size);
    else this.#failures.add(path, error);
  }
}

/** What a round is to do besides what is due. */
interface Wish {
  readonly demanded?: boolean;
  readonly reopen?: { readonly directory: string; readonly tap: LogTap | null };
}

const NO_ROUND: RoundSummary = { rotated: [], postponed: [], failed: [] };
