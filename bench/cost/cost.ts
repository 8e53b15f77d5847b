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
  if (options.write) writeSection('cost', document(table, options.windowMs));
  return missed.length > 0 ? 1 : 0;
}

function document(table: string, windowMs: number): string {
  return [
    '## Cost',
    circumstances('npm run bench -- cost'),
    `The watching process alone, over ${windowMs / 1000} s, from /proc: \`processor\` is the share of one core, RSS the highest of a sample every 2 s, PSS counts what it shares with other processes only in part (44 MB of RSS are the Node program itself). lifeguard runs compiled, under PM2, with all its duties: two checks a second for each backend (\`/health\` and \`/api/health\`), log rotation, metrics. pm2-watchdog makes one check a second for each.`,
    'The 1,000 endpoints are 1,000 apps of a real PM2, each the process `sleep`, with one check a second each; a server in a process of its own answers them and notes how late each came. So the figures hold the rotation of their 2,000 log files, and the list of PM2, too.',
    table,
  ].join('\n\n');
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
