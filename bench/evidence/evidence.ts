import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Evidence } from '../../src/incidents/evidence/write.ts';
import { signal } from '../../test/support/product.ts';
import { backend, compileLifeguard, startLifeguard } from '../recovery/contenders/lifeguard.ts';
import { Victim } from '../recovery/victim.ts';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { quantile } from '../report/statistics.ts';
import { markdownTable } from '../report/table.ts';
import { Room } from '../room.ts';

export const HELP = `Usage: npm run bench -- evidence [options]

A backend is killed again and again under a lifeguard that takes evidence, in turn with one under a lifeguard that takes none:
what the evidence took, how soon the next process answered, how much there is on the disk. About 3 minutes.

  --crashes COUNT  of each; default 100
  --write          also into docs/benchmarks.md`;

const MOST_MS = 500;
/** A median this much later is a difference, and no chance. */
const TOLERATED = 1.1;
const BOUND_MS = 30_000;
const CALM_MS = 700;
const SETTLE_MS = 5_000;

/** One backend that is killed, and what its recoveries took, in ms. */
interface Stack {
  readonly room: Room;
  readonly victim: Victim;
  readonly recoveries: number[];
}

/** @returns 0; 1 when it takes longer than it may */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { crashes: { type: 'string', default: '100' }, write: { type: 'boolean', default: false } },
  });
  await compileLifeguard();
  const [taking, without] = [await start(true), await start(false)];
  try {
    await sleep(SETTLE_MS);
    for (let i = 0; i < Number(values.crashes); i++) for (const stack of [taking, without]) await crash(stack);
    await sleep(SETTLE_MS);
    return tell(taking, without, values.write);
  } finally {
    for (const { room, victim } of [taking, without]) {
      await room.close();
      victim.close();
    }
  }
}

async function start(takesEvidence: boolean): Promise<Stack> {
  const room = new Room();
  if (!takesEvidence) {
    const folder = join(room.pm2Home, 'lifeguard/lifeguard');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'no-evidence'), '');
  }
  const victim = await Victim.create();
  const restart = { max_restarts: 1_000, backoff: { initial: '100ms', factor: 1, max: '100ms', jitter: 0 } };
  const watched = { ...(backend('victim', victim, { interval: '200ms' }) as object), restart };
  await startLifeguard(room, [watched]);
  if ((await victim.answering(0, BOUND_MS)) === null) throw new Error('the victim does not answer');
  return { room, victim, recoveries: [] };
}

async function crash({ victim, recoveries }: Stack): Promise<void> {
  const past = victim.lives.length;
  const at = performance.now();
  signal(victim.lives.at(-1)?.pid, 'SIGKILL');
  if ((await victim.answering(past, BOUND_MS)) === null) throw new Error('no new process answers');
  recoveries.push(performance.now() - at);
  await sleep(CALM_MS);
}

function tell(taking: Stack, without: Stack, isWritten: boolean): number {
  const folders = foldersIn(taking.room);
  const took = folders.map(({ evidence }) => evidence.tookMs);
  const bytes = folders.reduce((sum, folder) => sum + folder.bytes, 0);
  const [median, other] = [taking, without].map(({ recoveries }) => quantile(recoveries, 0.5)) as [number, number];
  const crashes = taking.recoveries.length;
  const ms = (values: readonly number[]) =>
    [0.5, 0.95, 1].map((share) => `${Math.max(0, quantile(values, share)).toFixed(0)} ms`);
  const table = markdownTable(
    [`${crashes} crashes, one after the other`, 'median', 'p95', 'worst'],
    [
      ['evidence took', ...ms(took)],
      ['SIGKILL to the next 200, with evidence', ...ms(taking.recoveries)],
      ['SIGKILL to the next 200, without', ...ms(without.recoveries)],
    ],
  );
  const kept = `${folders.length} folders of ${(bytes / 1e6).toFixed(1)} MB in all were kept; without evidence there are ${foldersIn(without.room).length}.`;
  console.log(`\n${table}\n\n${kept}`);
  if (isWritten) writeSection('evidence', ['## Evidence', circumstances('npm run bench -- evidence'), table, kept].join('\n\n'));
  const missed = [
    ...(foldersIn(without.room).length > 0 ? ['evidence where none was to be taken: nothing was compared'] : []),
    ...(folders.length < crashes ? [`only ${folders.length} of ${crashes} crashes have evidence`] : []),
    ...(Math.max(...took) > MOST_MS ? [`evidence that took more than ${MOST_MS} ms`] : []),
    ...(median > other * TOLERATED ? ['a recovery that is slower with evidence'] : []),
  ];
  for (const line of missed) console.log(`missed: ${line}`);
  return missed.length > 0 ? 1 : 0;
}

function foldersIn({ dir }: Room): { evidence: Evidence; bytes: number }[] {
  const root = join(dir, 'logs/evidence');
  const names = (() => {
    try {
      return readdirSync(root);
    } catch {
      return [];
    }
  })();
  return names.map((name) => {
    const folder = join(root, name);
    const evidence = JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8')) as Evidence;
    return { evidence, bytes: readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) };
  });
}
