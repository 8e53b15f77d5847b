import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { until } from '../../test/support/poll.ts';
import { freePort } from '../../test/support/port.ts';
import { processesOf } from '../../test/support/sandbox.ts';
import { type Checks, Stub } from '../cost/stub.ts';
import { type Usage, usageOf } from '../cost/usage.ts';
import { compileLifeguard, startLifeguard } from '../recovery/contenders/lifeguard.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';
import { Room } from '../room.ts';

export const HELP = `Usage: npm run bench -- page [options]

What 50 that look at the page cost: memory and processor of lifeguard before and meanwhile, of the page's own process, and how late
checks are meanwhile. With 1 and 20 backends, which all change each second. About 5 minutes.

  --only COUNTS     of 1,20
  --streams COUNT   how many look; default 50
  --window SECONDS  each part is measured for so long; default 30
  --warm-up SECONDS before; default 60
  --write           also into docs/benchmarks.md`;

const INTERVAL_MS = 1_000;
/** What is asked for. */
const MOST = { growthBytes: 3e6, pageBytes: 70e6, lateMs: 250 };

interface Options {
  readonly streams: number;
  readonly windowMs: number;
  readonly warmUpMs: number;
}

interface Measured {
  readonly backends: number;
  readonly alone: Usage;
  readonly lookedAt: Usage;
  readonly page: Usage;
  readonly checks: Checks;
}

/** @returns 0; 1 when it costs more than it is to */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '1,20' },
      streams: { type: 'string', default: '50' },
      window: { type: 'string', default: '30' },
      'warm-up': { type: 'string', default: '60' },
      write: { type: 'boolean', default: false },
    },
  });
  const options = {
    streams: Number(values.streams),
    windowMs: Number(values.window) * 1000,
    warmUpMs: Number(values['warm-up']) * 1000,
  };
  await compileLifeguard();
  const all: Measured[] = [];
  for (const count of values.only.split(',').map(Number)) {
    console.error(`${count} backends, ${options.streams} that look`);
    all.push(await measure(count, options));
  }
  const head = [
    '',
    'lifeguard, nobody looks',
    `${options.streams} look`,
    "the page's process",
    'checks late, p50',
    'p99',
    'worst',
  ];
  const table = markdownTable(head, all.map(row));
  console.log(`\n${table}\n`);
  if (values.write) writeSection('page', document(table, options));
  const missed = all.flatMap(missedBy);
  for (const line of missed) console.log(`missed: ${line}`);
  return missed.length > 0 ? 1 : 0;
}

async function measure(count: number, { streams, windowMs, warmUpMs }: Options): Promise<Measured> {
  const room = new Room();
  const stub = await Stub.start(room, INTERVAL_MS);
  const port = await freePort();
  const looking: { destroy(): void }[] = [];
  try {
    const backends = Array.from({ length: count }, (_, i) => ({
      name: `endpoint-${i}`,
      run: { command: 'sleep 1000000' },
      health: { liveness: `http://127.0.0.1:${stub.port}/${i}`, readiness: null },
    }));
    await startLifeguard(room, backends, { port });
    const lifeguard = await processIn(room, /lifeguard\.probe/);
    await sleep(warmUpMs);
    const alone = await usageOf(lifeguard, windowMs);
    looking.push(...Array.from({ length: streams }, () => get({ port, path: '/api/stream', agent: false }, (r) => r.resume())));
    const pagePid = await processIn(room, /probes\/page/);
    await sleep(windowMs / 3);
    stub.startCounting();
    const [lookedAt, page] = await Promise.all([usageOf(lifeguard, windowMs), usageOf(pagePid, windowMs)]);
    return { backends: count, alone, lookedAt, page, checks: await stub.report() };
  } finally {
    for (const stream of looking) stream.destroy();
    stub.stop();
    await room.close();
  }
}

function processIn(room: Room, command: RegExp): Promise<number> {
  return until(
    `a process that matches ${command}`,
    () => processesOf(room.pm2Home).find((one) => command.test(one.command))?.pid,
  );
}

function row({ backends, alone, lookedAt, page, checks }: Measured): string[] {
  const usage = ({ rssBytes, cpu }: Usage) => `${(rssBytes / 1e6).toFixed(1)} MB, ${(cpu * 100).toFixed(1)} %`;
  const late = [checks.p50, checks.p99, checks.max].map((ms) => `${Math.max(0, ms).toFixed(0)} ms`);
  return [`${backends} backend${backends === 1 ? '' : 's'}`, ...[alone, lookedAt, page].map(usage), ...late];
}

function missedBy({ backends, alone, lookedAt, page, checks }: Measured): string[] {
  const growth = lookedAt.rssBytes - alone.rssBytes;
  return [
    ...(growth > MOST.growthBytes ? [`${backends}: lifeguard grew by ${(growth / 1e6).toFixed(1)} MB`] : []),
    ...(page.rssBytes > MOST.pageBytes ? [`${backends}: the page's process took ${(page.rssBytes / 1e6).toFixed(1)} MB`] : []),
    ...(checks.p99 > MOST.lateMs || checks.missing > 0 ? [`${backends}: checks ${checks.p99.toFixed(0)} ms late at p99`] : []),
  ];
}

function document(table: string, { streams, windowMs }: Options): string {
  return [
    '## The page',
    circumstances('npm run bench -- page'),
    `RSS, the highest of a sample every 2 s, and the share of one core, over ${windowMs / 1000} s from /proc: of lifeguard while nobody looks and while ${streams} streams are open, and of the process that serves them. Each backend is checked each second, by a server that notes how late each check came; what is shown of it changes as often.`,
    table,
  ].join('\n\n');
}
