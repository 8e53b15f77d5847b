import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startWriting } from '../../test/support/log-rotation.ts';
import { type Tally, tally } from '../../test/support/log-tally.ts';
import { until } from '../../test/support/poll.ts';
import { ROOT, Sandbox } from '../../test/support/sandbox.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import type { Contender, Cost } from './contender.ts';
import { lifeguard } from './contenders/lifeguard.ts';
import { logrotate } from './contenders/logrotate.ts';
import { pm2Logrotate } from './contenders/pm2-logrotate.ts';
import { HELP, parseOptions } from './options.ts';
import { quietIn } from './quiet.ts';

export { HELP };

const CONTENDERS: readonly Contender[] = [lifeguard, pm2Logrotate, logrotate];

interface Outcome {
  readonly contender: Contender;
  readonly mode: string;
  readonly rate: number;
  /** What the writers came to, lines a second. */
  readonly reached: number;
  readonly tally: Tally;
  readonly cost: Cost;
}

/** @returns 0; 1 when lifeguard's rotation lost, doubled or tore a line at up to 50,000 lines a second, or where it was sure of itself */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const contenders = CONTENDERS.filter(({ name }) => options.only?.includes(name) ?? true);
  const build = spawnSync(process.execPath, [join(ROOT, 'scripts/build.js')], { stdio: 'inherit' });
  if (build.status !== 0) return 1;
  const outcomes: Outcome[] = [];
  for (const mode of options.modes) {
    for (const rate of options.rates) {
      for (const contender of contenders) {
        const outcome = await measure(contender, mode, rate, options.seconds);
        outcomes.push(outcome);
        console.error(rowOf(outcome).join('  '));
      }
    }
  }
  const table = markdownTable(HEAD, outcomes.map(rowOf));
  const how = contenders.map((each) => `- ${each.name}: ${each.how}`).join('\n');
  console.log(`\n${table}\n\n${how}\n`);
  if (options.write) writeSection('logs', document(table, how, options.seconds));
  return outcomes.some(isMissed) ? 1 : 0;
}

function document(table: string, how: string, seconds: number): string {
  return [
    '## Log rotation',
    circumstances('npm run bench -- logs'),
    `Numbered, checksummed lines for ${seconds} s, one write each, while a rotation is asked for every second, compression on. Lines that are lost, doubled or torn in all files together; \`says\` is what lifeguard itself reports.`,
    table,
    how,
  ].join('\n\n');
}

async function measure(contender: Contender, mode: string, rate: number, seconds: number): Promise<Outcome> {
  const sandbox = new Sandbox();
  try {
    const directory = join(sandbox.dir, 'logs');
    const instances = mode === 'cluster' ? 2 : 1;
    mkdirSync(directory);
    await sandbox.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), 'ping']);
    const running = await contender.start(sandbox, directory);
    const writers = await startWriting(sandbox, { name: 'w', directory, linesPerSecond: rate, seconds, instances });
    const { written, tookMs } = await writers.done();
    await until('all that was written to arrive', quietIn(directory), { deadlineMs: 120_000 });
    const cost = await running.stop();
    const lines = [...written.values()].reduce((sum, n) => sum + n, 0);
    return { contender, mode, rate, reached: (lines * 1000) / tookMs, tally: await tally(directory, 'w-out', written), cost };
  } finally {
    await sandbox.dispose();
  }
}

const HEAD = ['mode, lines/s', 'rotated by', 'reached', 'lost', 'doubled', 'torn', 'files', 'peak MB', 'CPU s', 'says'];

function rowOf({ contender, mode, rate, reached, tally: found, cost }: Outcome): string[] {
  const number = (n: number) => Math.round(n).toLocaleString('en');
  return [
    `${mode}, ${number(rate)}`,
    contender.name,
    number(reached),
    ...[found.lost, found.duplicated, found.torn, found.files, cost.peakMb].map(number),
    (cost.cpuMs / 1000).toFixed(1),
    cost.note,
  ];
}

function isMissed({ contender, rate, tally: { lost, duplicated, torn }, cost }: Outcome): boolean {
  if (contender !== lifeguard || lost + duplicated + torn === 0) return false;
  return rate <= 50_000 || / 0 unverified/.test(cost.note);
}
