import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { runBatch } from './batch.ts';
import { compileLifeguard } from './contenders/lifeguard.ts';
import { HELP, parseOptions } from './options.ts';
import { type CellOutcome, missedTargets, type NeedlessOutcome, outcomeTables, title } from './outcome.ts';
import { type Cell, type NeedlessCell, type Plan, planOf } from './plan.ts';
import { faultTrial, needlessTrial } from './trial.ts';

export { HELP };

/** No batch is begun after that. */
const LIMIT_MS = 15 * 60_000;

/** @returns 0; 1 when lifeguard missed one of its targets */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  await compileLifeguard();
  const plan = planOf(options);
  const inTime = within(LIMIT_MS);
  const cells: CellOutcome[] = [];
  const needless: NeedlessOutcome[] = [];
  // What may not be disturbed comes first.
  for (const batch of plan.needless) if (inTime()) needless.push(...(await needlessBatch(batch, options.windowMs)));
  for (const batch of plan.batches) if (inTime()) cells.push(...(await faultBatch(batch)));

  const tables = outcomeTables(plan, cells, needless);
  const missed = missedTargets(cells, needless);
  console.log(`\n${tables}\n\n${settings(plan)}\n`);
  for (const line of missed) console.log(`missed: ${line}`);
  if (options.write) writeSection('recovery', document(plan, tables));
  return missed.length > 0 ? 1 : 0;
}

async function faultBatch(cells: readonly Cell[]): Promise<CellOutcome[]> {
  console.error(cells.map(({ contender, fault, rounds }) => `${title(contender)}: ${fault.name} x${rounds}`).join('; '));
  const trials = cells.flatMap((cell) =>
    Array.from({ length: cell.rounds }, () => ({ cell, trial: faultTrial(cell.contender, cell.fault, cell.boundMs) })),
  );
  const settled = await runBatch(trials.map(({ trial }) => trial));
  return cells.map((cell) => {
    const results = settled.filter((_, at) => trials[at]?.cell === cell);
    const outcome = { cell, seconds: results.flatMap(measured), errors: results.flatMap(failed) };
    console.error(
      `  ${title(cell.contender)}, ${cell.fault.name}: ${outcome.seconds.map((s) => s?.toFixed(2) ?? 'never').join(' ')} ${outcome.errors.join(' ')}`,
    );
    return outcome;
  });
}

async function needlessBatch(cells: readonly NeedlessCell[], windowMs: number): Promise<NeedlessOutcome[]> {
  console.error(`needless restarts in ${windowMs / 1000} s: ${cells.length} victims side by side`);
  const settled = await runBatch(cells.map(({ contender, behaviour }) => needlessTrial(contender, behaviour, windowMs)));
  return cells.map((cell, at) => {
    const result = settled[at];
    if (result?.status === 'rejected') console.error(`  ${title(cell.contender)}: ${String(result.reason)}`);
    return { cell, restarts: result?.status === 'fulfilled' ? result.value : null };
  });
}

function document(plan: Plan, tables: string): string {
  return [
    '## Recovery',
    circumstances('npm run bench -- recovery'),
    'Seconds from a fault to the first 200 of a new process, median / worst, each round with a fresh start of everything; `never`: not within 60 s, or 150 s where the settings are slow. The victim is a small Node server; `hang` blocks its event loop, `freeze` is SIGSTOP, `503` lasts until it is restarted.',
    tables,
    'A restart is needless when the backend would have been well without it: `slow` answers in 900 ms, `flapping` answers 503 one time in ten, `pauses` blocks for 4 s every 20 s, `dependency-down` answers 503 while what it needs is away for 30 s. Counted from the first check on, for 65 s.',
    settings(plan),
    "monit looks at a new process's HTTP only when the start's time is over. Where the machine's init reaps slowly, its crash figures hold up to one interval in which the dead process is still a zombie. pm2-watchdog checks no more after a crash: PM2 tells 'online' while the status is still 'launching'.",
  ].join('\n\n');
}

function settings({ contenders }: Plan): string {
  return contenders.map((contender) => `- ${title(contender)}: ${contender.how}`).join('\n');
}

function within(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() < end;
}

function measured<T>(result: PromiseSettledResult<T>): T[] {
  return result.status === 'fulfilled' ? [result.value] : [];
}

function failed(result: PromiseSettledResult<unknown>): string[] {
  return result.status === 'rejected' ? [String(result.reason)] : [];
}
