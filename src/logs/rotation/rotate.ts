import type { Host } from '../../host/host.ts';
import { type Judged, judge } from '../checking/judge.ts';
import { LogTap } from '../checking/tap.ts';
import type { Repair } from '../checking/verify.ts';
import { holdersOf } from '../holding/holders.ts';
import type { LogSource } from '../sources.ts';
import { fire } from './fire.ts';
import type { InPlace } from './in-place.ts';
import { marksOf } from './marks.ts';
import { Newborns } from './newborns.ts';
import { type Reopened, untilReopened } from './reopened.ts';
import { type PreparedSwap, prepareSwap, undoSwap } from './swap.ts';

/** A live file that is due, and the name it gets. */
export interface Target {
  readonly source: LogSource;
  readonly rotated: string;
  /** Rotate it even if no idle instant comes. */
  readonly must: boolean;
}

export interface RotatePorts {
  readonly host: Host;
  /** PM2's reloadLogs. Must put its request on the socket before it returns its promise. */
  readonly reload: () => Promise<void>;
  /** The daemon's bus (PM2_HOME/pub.sock). */
  readonly busPath: string;
  /** How long an idle instant is looked for. */
  readonly boundMs: number;
  /** One that listens already, for output that was published before this rotation; it is closed. */
  readonly tap?: LogTap | null;
  /** Also while an app is young, see Newborns. */
  readonly youngToo?: boolean;
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
  /** Live files whose writers have all said that they let go of what they held before. */
  readonly letGo: readonly string[];
  /** It was put off because apps have just been started, though it must be. */
  readonly young: boolean;
  /** Whether the reload was asked for at an idle instant. */
  readonly idle: boolean;
}

export const NO_ROTATION: Rotation = {
  rotated: [],
  postponed: [],
  failed: [],
  repaired: [],
  unverified: [],
  letGo: [],
  young: false,
  idle: true,
};

export function together(inPlace: InPlace, rotation: Rotation): Rotation {
  return {
    ...rotation,
    rotated: [...inPlace.rotated, ...rotation.rotated],
    postponed: [...inPlace.postponed, ...rotation.postponed],
    failed: [...inPlace.failed, ...rotation.failed],
    unverified: [...inPlace.unverified, ...rotation.unverified],
  };
}

/**
 * Rotates files that PM2 reopens: second name, swap and reload at an idle instant, then check against the daemon's bus. `all` are all
 * files that the daemon and its workers hold: the one reload that PM2 knows reopens every one of them.
 */
export async function rotate(targets: readonly Target[], all: readonly LogSource[], ports: RotatePorts): Promise<Rotation> {
  const { prepared, failed } = prepareAll(targets);
  if (targets.length > 0 && prepared.size === 0) return { ...NO_ROTATION, failed };
  const marks = await marksOf(ports.host, all, (source) => rotatedPathOf(prepared, source));
  const tap = ports.tap ?? (await LogTap.open(ports.busPath).catch(() => null));
  try {
    const must = targets.length === 0 || [...prepared.keys()].some((target) => target.must);
    const fired = await fire(ports.host, [...prepared.values()], {
      ...ports,
      pids: holdersOf(all),
      newborns: ports.youngToo ? null : new Newborns(ports.host, daemonsOf(all)),
      must,
    });
    if (typeof fired === 'string') {
      for (const each of prepared.values()) undoSwap(each);
      return { ...NO_ROTATION, failed, postponed: [...prepared.keys()], young: fired === 'young' };
    }
    const refused = await fired.reloaded.then(
      () => [],
      (error: unknown) => [{ path: 'reloadLogs', error }],
    );
    const checked = await check(await untilReopened(ports.host, all, marks), all, { ...ports, tap, refused: refused.length > 0 });
    return {
      ...checked,
      failed: [...failed, ...refused, ...checked.failed],
      postponed: [],
      young: false,
      rotated: [...prepared.keys()],
      idle: fired.idle,
    };
  } finally {
    tap?.close();
  }
}

function daemonsOf(sources: readonly LogSource[]): number[] {
  return [...new Set(sources.flatMap(({ pids }) => pids))];
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

/** What became of each file at the reload, as far as it can be told. */
async function check(
  files: readonly Reopened[],
  all: readonly LogSource[],
  { host, tap, refused }: { host: Host; tap: LogTap | null; refused: boolean },
): Promise<Judged & Pick<Rotation, 'letGo'>> {
  const said = ({ streams, pids }: LogSource) =>
    streams.every(({ holder, pmId }) => holder === 0 || pids.includes(holder) || tap?.hasReloaded(pmId));
  const comparable = files.filter(({ mark, hold }) => hold === 'free' || (hold === 'unknown' && !refused && said(mark.source)));
  const others = files.filter((file) => !comparable.includes(file)).map(({ mark }) => mark.source.path);
  const checked = comparable.map(({ mark, hold }) => ({ mark, final: hold === 'free' }));
  const judged: Judged = tap
    ? await judge(host, checked, holdersOf(all), tap)
    : { repaired: [], failed: [], unverified: checked.map(({ mark }) => mark.source.path) };
  const letGo = refused ? [] : all.filter(said).map(({ path }) => path);
  return { ...judged, unverified: [...others, ...judged.unverified], letGo };
}
