import { compileLifeguard } from '../recovery/contenders/lifeguard.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import { type Case, casesOf, type Measured } from './cases.ts';
import { parseOptions } from './options.ts';

export { HELP } from './options.ts';

/** @returns 0; 1 when lifeguard needs more than it was to */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  await compileLifeguard();
  const results: { of: Case; measured: Measured }[] = [];
  for (const each of casesOf(options)) {
    console.error(`${each.name}: ${options.windowMs / 1000} s`);
    results.push({ of: each, measured: await each.measure(options.windowMs) });
  }
  const table = markdownTable(
    ['', 'processor', 'RSS, highest', 'PSS', 'checks/s', 'late, p50', 'late, p99', 'late, worst'],
    results.map(({ of, measured }) => rowOf(of, measured)),
  );
  const missed = results.flatMap(({ of, measured }) => missedBy(of, measured));
  console.log(`\n${table}\n`);
  for (const line of missed) console.log(`missed: ${line}`);
  if (options.write) writeSection('cost', `${circumstances('npm run bench -- cost')}\n\n${table}`);
  return missed.length > 0 ? 1 : 0;
}

function rowOf({ name }: Case, { usage, checks }: Measured): string[] {
  const ms = (value: number | undefined) => (value === undefined ? '–' : `${Math.max(0, value).toFixed(0)} ms`);
  return [
    name,
    `${(usage.cpu * 100).toFixed(2)} %`,
    megabytes(usage.rssBytes),
    megabytes(usage.pssBytes),
    checks ? checks.perSecond.toFixed(0) : '–',
    ms(checks?.p50),
    ms(checks?.p99),
    ms(checks?.max),
  ];
}

function missedBy({ name, target }: Case, { usage, checks }: Measured): string[] {
  if (!target) return [];
  const missed: string[] = [];
  if (usage.cpu > target.cpu)
    missed.push(`${name}: ${(usage.cpu * 100).toFixed(2)} % of a processor, to be ${target.cpu * 100} %`);
  if (usage.rssBytes > target.rssBytes) missed.push(`${name}: ${megabytes(usage.rssBytes)}, to be ${megabytes(target.rssBytes)}`);
  if (checks && (checks.p99 > target.lateMs || checks.missing > 0))
    missed.push(
      `${name}: checks ${checks.p99.toFixed(0)} ms late at p99, to be ${target.lateMs} ms; ${checks.missing} never came`,
    );
  return missed;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
