import type { Contender, Setting } from './contender.ts';
import { lifeguard } from './contenders/lifeguard.ts';
import { monit } from './contenders/monit.ts';
import { plainPm2 } from './contenders/pm2.ts';
import { pm2Watchdog } from './contenders/pm2-watchdog.ts';
import { supervisor } from './contenders/supervisor.ts';
import { FAULTS, type Fault, isSeenWithoutChecks } from './faults.ts';
import type { Options } from './options.ts';
import type { Behaviour } from './victim.ts';

const QUICK_ROUNDS = 5;
const SLOW_ROUNDS = 3;
/** 'never' is said after that: longer than any of the settings can take. */
const QUICK_BOUND_MS = 60_000;
const SLOW_BOUND_MS = 150_000;

/** Trials of one fault with one contender. */
export interface Cell {
  readonly contender: Contender;
  readonly fault: Fault;
  readonly rounds: number;
  readonly boundMs: number;
}

export interface NeedlessCell {
  readonly contender: Contender;
  readonly behaviour: Behaviour;
  /** lifeguard alone: it checks the victim's dependency itself. */
  readonly checksDependency: boolean;
}

export interface Plan {
  readonly contenders: readonly Contender[];
  readonly faults: readonly Fault[];
  /** Each is a batch. The first ones are quick: one cell each; the last one holds all that waits for tens of seconds. */
  readonly batches: readonly (readonly Cell[])[];
  readonly needless: readonly (readonly NeedlessCell[])[];
}

export const BEHAVIOURS: readonly Behaviour[] = ['slow', 'flapping', 'pauses', 'dependency-down'];

/** @throws Error when the options leave nothing to do */
export function planOf(options: Options): Plan {
  const settings: readonly Setting[] = ['default', 'fastest'];
  const { pm2Watchdog: folder } = options;
  const all = [
    ...settings.map((setting) => lifeguard(setting)),
    plainPm2,
    ...(folder === null ? [] : settings.map((setting) => pm2Watchdog(folder, setting))),
    ...settings.map(monit),
    supervisor,
  ];
  const contenders = all.filter(
    ({ name, setting }) => (options.only?.includes(name) ?? true) && (options.setting ?? setting) === setting,
  );
  if (contenders.length === 0) throw new Error('nobody is left by --only and --setting');
  const faults = FAULTS.filter(({ name }) => options.faults?.includes(name) ?? true);
  const cells = contenders.flatMap((contender) => faults.map((fault) => cellOf(contender, fault, options.rounds)));
  const slow = cells.filter((cell) => cell.boundMs === SLOW_BOUND_MS);
  const quick = cells.filter((cell) => cell.boundMs !== SLOW_BOUND_MS).map((cell) => [cell]);
  return {
    contenders,
    faults,
    batches: slow.length > 0 ? [...quick, slow] : quick,
    needless: options.needless ? needlessOf(contenders) : [],
  };
}

function cellOf(contender: Contender, fault: Fault, rounds: number | null): Cell {
  const blind = contender.checkEveryMs === null && !isSeenWithoutChecks(fault);
  const slow = contender.slow || blind;
  return {
    contender,
    fault,
    rounds: blind ? 1 : (rounds ?? (slow ? SLOW_ROUNDS : QUICK_ROUNDS)),
    boundMs: slow ? SLOW_BOUND_MS : QUICK_BOUND_MS,
  };
}

/** Those of lifeguard side by side, then all others: no more processes at a time than two processors carry. */
function needlessOf(contenders: readonly Contender[]): NeedlessCell[][] {
  const cells = contenders.flatMap((contender) => [
    ...BEHAVIOURS.map((behaviour) => ({ contender, behaviour, checksDependency: false })),
    ...(contender.name === 'lifeguard'
      ? [{ contender: lifeguard(contender.setting, true), behaviour: 'dependency-down' as const, checksDependency: true }]
      : []),
  ]);
  const ours = cells.filter(({ contender }) => contender.name === 'lifeguard');
  return [ours, cells.filter((cell) => !ours.includes(cell))].filter((batch) => batch.length > 0);
}
