import { quantile } from '../report/statistics.ts';
import { markdownTable } from '../report/table.ts';
import type { Contender, Setting } from './contender.ts';
import { BEHAVIOURS, type Cell, type NeedlessCell, type Plan } from './plan.ts';

/** `seconds`: null for a round that never ended. `errors`: rounds that could not be measured. */
export interface CellOutcome {
  readonly cell: Cell;
  readonly seconds: readonly (number | null)[];
  readonly errors: readonly string[];
}

export interface NeedlessOutcome {
  readonly cell: NeedlessCell;
  /** null: it could not be measured. */
  readonly restarts: number | null;
}

/** Of lifeguard, in seconds, for each round. */
const TARGETS: Record<Setting, Readonly<Record<string, number>>> = {
  default: { crash: 0.3, '503': 2.2, hang: 7.5, freeze: 7.5 },
  fastest: { '503': 1.5, hang: 2.5, freeze: 2.5 },
};

/** Both tables as Markdown. */
export function outcomeTables(plan: Plan, cells: readonly CellOutcome[], needless: readonly NeedlessOutcome[]): string {
  const faults = markdownTable(
    ['', ...plan.faults.map(({ name }) => name)],
    plan.contenders.map((contender) => [
      title(contender),
      ...plan.faults.map((fault) => {
        const outcome = cells.find(({ cell }) => cell.contender === contender && cell.fault === fault);
        return outcome ? secondsText(outcome) : '–';
      }),
    ]),
  );
  const rows = plan.contenders.flatMap((contender) => needlessRows(contender, needless));
  const tables = [
    plan.faults.length === 0 ? '' : faults,
    plan.needless.length === 0 ? '' : markdownTable(['needless restarts', ...BEHAVIOURS], rows),
  ];
  return tables.join('\n\n').trim();
}

/** What lifeguard was to reach and did not, a line each. */
export function missedTargets(cells: readonly CellOutcome[], needless: readonly NeedlessOutcome[]): string[] {
  const late = cells.flatMap(({ cell: { contender, fault }, seconds }) => {
    const target = contender.name === 'lifeguard' ? TARGETS[contender.setting][fault.name] : undefined;
    const worst = Math.max(...seconds.map((each) => each ?? Number.POSITIVE_INFINITY));
    return target !== undefined && worst > target
      ? [`${title(contender)}, ${fault.name}: ${worst.toFixed(2)} s at worst, to be ${target} s`]
      : [];
  });
  const restarted = needless.flatMap(({ cell: { contender, behaviour, checksDependency }, restarts }) => {
    const isTarget = contender.name === 'lifeguard' && contender.setting === 'default';
    const known = behaviour !== 'dependency-down' || checksDependency;
    return isTarget && known && restarts !== 0 ? [`${title(contender)}, ${behaviour}: ${restarts} needless restarts`] : [];
  });
  return [...late, ...restarted];
}

export function title({ name, setting }: Contender): string {
  return setting === 'default' ? name : `${name}, ${setting}`;
}

function needlessRows(contender: Contender, needless: readonly NeedlessOutcome[]): string[][] {
  const of = (behaviour: string, checks: boolean) => {
    const outcome = needless.find(
      ({ cell }) =>
        cell.contender.name === contender.name &&
        cell.contender.setting === contender.setting &&
        cell.behaviour === behaviour &&
        cell.checksDependency === checks,
    );
    return outcome ? String(outcome.restarts ?? '?') : '–';
  };
  const row = [title(contender), ...BEHAVIOURS.map((behaviour) => of(behaviour, false))];
  if (contender.name !== 'lifeguard') return [row];
  return [row, [`${title(contender)}, checks the dependency`, ...BEHAVIOURS.map((behaviour) => of(behaviour, true))]];
}

function secondsText({ seconds, errors }: CellOutcome): string {
  const times = seconds.filter((each) => each !== null);
  const nevers = seconds.length - times.length;
  if (seconds.length === 0) return errors.length > 0 ? '?' : '–';
  if (times.length === 0) return 'never';
  const text = `${quantile(times, 0.5).toFixed(2)} / ${Math.max(...times).toFixed(2)}`;
  return nevers > 0 ? `${text}, never ${nevers} of ${seconds.length}` : text;
}
