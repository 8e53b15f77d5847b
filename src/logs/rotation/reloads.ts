import type { Clock } from '../../clock/clock.ts';
import type { Host } from '../../host/host.ts';
import type { Archivist } from '../archives/archivist.ts';
import type { Failures } from '../failures.ts';
import { endedSources, holdersOf } from '../holding/holders.ts';
import { LookPace } from '../holding/look-pace.ts';
import { OpenLook } from '../holding/open-look.ts';
import { endTheLine } from '../keeping/full-disk.ts';
import { statOf } from '../on-disk/directory.ts';
import type { LogSource } from '../sources.ts';
import { rotateInPlace } from './in-place.ts';
import { NO_ROTATION, type RotatePorts, type Rotation, rotate, type Target, together } from './rotate.ts';
import { StaleFiles } from './stale.ts';

/** How long an idle instant of the daemon is looked for. */
const IDLE_BOUND_MS = 500;

export interface ReloadPorts {
  readonly host: Host;
  /** Pm2Client.reloadLogs: puts its request on the socket before it returns. */
  readonly reload: () => Promise<void>;
  /** The daemon's bus, socketsOf(pm2Home).bus. */
  readonly busPath: string;
  readonly clock: Clock;
  /** Runs `work` while no other lifeguard of this PM2 rotates; null: another one is at it. One's reload would upset the other's check. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T | null>;
}

/** A file that has grown to so many times `maxSizeBytes` does not wait for anything. */
const HUGE = 10;

function isHuge({ source }: Target): boolean {
  return (statOf(source.path)?.size ?? 0) >= HUGE * source.policy.maxSizeBytes;
}

type RunOptions = Partial<Pick<RotatePorts, 'boundMs' | 'tap' | 'youngToo'>>;

/** Has PM2 reopen its files: all at once, as it knows no other way, and therefore seldom. */
export class Reloads {
  readonly #ports: ReloadPorts;
  readonly #archivist: Archivist;
  readonly #failures: Failures;
  readonly #pace: LookPace;
  readonly #stale: StaleFiles;
  /** Live files whose writers were asked once to let go, as it can't be told what they hold. */
  readonly #askedToLetGo = new Set<string>();

  constructor(ports: ReloadPorts, archivist: Archivist, failures: Failures) {
    this.#ports = ports;
    this.#archivist = archivist;
    this.#failures = failures;
    this.#pace = new LookPace(ports.clock);
    this.#stale = new StaleFiles(ports.clock, failures);
  }

  /** Whether it is time to look through everybody's open files. */
  get looksAreDue(): boolean {
    return this.#pace.isDue();
  }

  /** Rotates `targets`, with the one reload; without any it reloads alone. */
  async run(targets: readonly Target[], all: readonly LogSource[], options: RunOptions = {}): Promise<Rotation> {
    this.#pace.disturb();
    const { boundMs = IDLE_BOUND_MS, ...others } = options;
    const ports = { ...this.#ports, boundMs, ...others };
    const done = await this.#ports.exclusively(async () => {
      const rotation = await rotate(targets, reopenedOf(all), ports);
      return rotation.young ? this.#whileYoung(rotation, reopenedOf(all), ports) : rotation;
    });
    if (done === null) options.tap?.close();
    return done ?? { ...NO_ROTATION, postponed: targets };
  }

  /** Apps are being started all the time, as in a crash loop: what can do without a reload does, and the rest waits for as long as it can. */
  async #whileYoung(rotation: Rotation, all: readonly LogSource[], ports: RotatePorts): Promise<Rotation> {
    const byDaemon = rotation.postponed.filter(
      ({ source }) => !source.streams.some(({ holder, pid }) => pid > 0 && holder === pid),
    );
    const { rotated, unverified } = await rotateInPlace(this.#ports.host, byDaemon);
    const left = rotation.postponed.filter((target) => !rotated.includes(target));
    const huge = left.filter(isHuge);
    const inPlace = { rotated, unverified, failed: rotation.failed, postponed: left.filter((target) => !huge.includes(target)) };
    return together(
      inPlace,
      huge.length === 0 ? { ...NO_ROTATION, young: true } : await rotate(huge, all, { ...ports, youngToo: true }),
    );
  }

  /** Killed between swap and reload: whoever still holds a rotated file reopens first. */
  async catchUp(all: readonly LogSource[]): Promise<Rotation> {
    const { held, unknown } = await this.#pace.look(() => this.#archivist.heldBehind());
    const unasked = unknown.filter((path) => !this.#askedToLetGo.has(path));
    if (held.length === 0 && unasked.length === 0) return NO_ROTATION;
    const rotation = await this.run([], all);
    if (!rotation.young) for (const path of unasked) this.#askedToLetGo.add(path);
    return rotation;
  }

  /** Has PM2 reopen what is {@link needed}. */
  async reopen(all: readonly LogSource[]): Promise<Rotation> {
    const rotation = await this.run([], all);
    if (rotation.young) this.#stale.putOff();
    return rotation;
  }

  /** See StaleFiles. */
  async needed(kept: readonly LogSource[]): Promise<boolean> {
    const files = reopenedOf(kept);
    return this.#pace.look(
      async () => this.#stale.needReload(files, await this.#lookAt(files)),
      () => !this.#stale.any,
    );
  }

  /** @returns the files whose stream has ended; the line that was being written then is ended too */
  async endLines(kept: readonly LogSource[]): Promise<LogSource[]> {
    const files = reopenedOf(kept);
    const ended = endedSources(files, await this.#lookAt(files));
    for (const { path } of ended) this.#failures.try(path, () => endTheLine(path));
    return ended;
  }

  #lookAt(files: readonly LogSource[]): Promise<OpenLook> {
    return OpenLook.at(this.#ports.host, holdersOf(files));
  }
}

/** The files that their writers open anew when PM2 is asked to reload. */
function reopenedOf(sources: readonly LogSource[]): readonly LogSource[] {
  return sources.filter(({ writing }) => writing === 'reopened');
}
