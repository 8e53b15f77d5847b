import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../test/support/poll.ts';
import { processesOf, ROOT } from '../../test/support/sandbox.ts';
import { usageOf } from '../cost/usage.ts';
import { backend, compileLifeguard, startLifeguard } from '../recovery/contenders/lifeguard.ts';
import { pm2 } from '../recovery/contenders/pm2.ts';
import { Victim } from '../recovery/victim.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { quantile } from '../report/statistics.ts';
import { markdownTable } from '../report/table.ts';
import { Room } from '../room.ts';
import { type Options, parseOptions } from './options.ts';

export { HELP } from './options.ts';

const LIFEGUARD = join(ROOT, 'bin/lifeguard.js');
const FLEETS = [1, 20];
/** What is asked for: so many times what `pm2 ls` takes, so much of one processor. */
const MOST = { ratio: 1.2, watch: 0.02 };
const SETTLE_MS = 10_000;

interface Measured {
  readonly backends: number;
  readonly list: readonly number[];
  readonly status: readonly number[];
  /** Of one processor, 0 to 1. */
  readonly watch: number;
}

/** @returns 0; 1 when it takes more than it is to */
export async function run(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  await compileLifeguard();
  const all: Measured[] = [];
  for (const count of FLEETS) {
    console.error(`${count} backends`);
    all.push(await measure(count, options));
  }
  const head = ['', 'pm2 ls, median', 'p95', 'lifeguard status, median', 'p95', 'ratio', 'status --watch'];
  const table = markdownTable(head, all.map(row));
  console.log(`\n${table}\n`);
  if (options.write) writeSection('status', document(table, options));
  const isOver = all.some((one) => ratioOf(one) > MOST.ratio || one.watch > MOST.watch);
  if (isOver) console.log(`missed: at most ${MOST.ratio} times pm2 ls, and ${MOST.watch * 100} % of a processor`);
  return isOver ? 1 : 0;
}

async function measure(count: number, { runs, windowMs }: Options): Promise<Measured> {
  const room = new Room();
  const victims = await Promise.all(Array.from({ length: count }, () => Victim.create()));
  try {
    await startLifeguard(
      room,
      victims.map((victim, i) => backend(`backend-${i}`, victim)),
    );
    await sleep(SETTLE_MS);
    // The first one after a start runs the ecosystem file, as it has changed.
    await status(room);
    const [list, told]: [number[], number[]] = [[], []];
    for (let i = 0; i < runs; i++) {
      list.push(await timed(() => pm2(room, ['ls'])));
      told.push(await timed(() => status(room)));
    }
    return { backends: count, list, status: told, watch: await watched(room, windowMs) };
  } finally {
    await room.close();
    for (const victim of victims) victim.close();
  }
}

function status(room: Room): Promise<string> {
  return room.run(process.execPath, [LIFEGUARD, 'status']);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** On a terminal of util-linux's `script`, 120 columns wide. */
async function watched(room: Room, windowMs: number): Promise<number> {
  const program = room.write(
    'watch.sh',
    `#!/bin/sh\nstty cols 120 rows 40\nexec '${process.execPath}' '${LIFEGUARD}' status --watch\n`,
    0o700,
  );
  room.launch('script', ['-qfc', program, '/dev/null']);
  const pid = await until('status --watch', () => {
    const found = processesOf(room.pm2Home).find(({ command }) => /lifeguard\.js status --watch$/.test(command));
    return found?.pid;
  });
  await sleep(SETTLE_MS);
  return (await usageOf(pid, windowMs)).cpu;
}

function ratioOf({ list, status: told }: Measured): number {
  return quantile(told, 0.5) / quantile(list, 0.5);
}

function row(one: Measured): string[] {
  const ms = (values: readonly number[], share: number) => `${quantile(values, share).toFixed(0)} ms`;
  const { backends, list, status: told, watch } = one;
  return [
    `${backends} backend${backends === 1 ? '' : 's'}`,
    ...[ms(list, 0.5), ms(list, 0.95), ms(told, 0.5), ms(told, 0.95)],
    ratioOf(one).toFixed(2),
    `${(watch * 100).toFixed(1)} %`,
  ];
}

function document(table: string, { runs, windowMs }: Options): string {
  return [
    '## What the commands take',
    circumstances('npm run bench -- status'),
    `From the start of node to its end, ${runs} runs of each in turn. \`status --watch\`: the share of one core over ${windowMs / 1000} s, from /proc. The first \`status\` after the configuration, an installed package or the environment has changed runs the ecosystem file, which takes some ten times as long; so do \`start\`, \`validate\` and \`doctor\`, always.`,
    table,
  ].join('\n\n');
}
