import { setTimeout as sleep } from 'node:timers/promises';
import { readRows } from '../../src/host/linux/process-table.ts';
import { until } from '../../test/support/poll.ts';
import type { Product } from '../../test/support/product.ts';
import type { RealServer } from '../../test/support/real-server.ts';
import { answering } from './answers.ts';
import type { Kind } from './kinds.ts';
import { ask, visit } from './load.ts';

/** What came of one fault; a text where there is no figure. */
export interface Outcome {
  readonly fault: string;
  /** Until none of the old processes was left in the state that it was put in, and two workers were there again; null: never, within the time. */
  readonly seconds: number | null;
  readonly asked: number;
  readonly failed: number;
  /** Processes of before that live on. */
  readonly left: number;
  readonly restarts: number;
}

const LONGEST_MS = 30_000;
const SLOW_SECONDS = 3;

/** One server under one product, hurt in one way after the other. @param isWanted by what the fault is called */
export async function trialsOf(
  product: Product,
  server: RealServer,
  kind: Kind,
  isWanted: (fault: string) => boolean,
): Promise<Outcome[]> {
  const parent = ({ parent }: Family) => parent;
  const worker = ({ workers }: Family) => workers[0] ?? 0;
  const by = (fault: string, signal: NodeJS.Signals, whom: (family: Family) => number) =>
    [fault, () => hurt(product, server, kind, fault, signal, whom)] as const;
  const trials: (readonly [string, () => Promise<Outcome>])[] = [by('kill -9 of what PM2 started', 'SIGKILL', parent)];
  if (kind.workers === 0) trials.push(by('SIGSTOP', 'SIGSTOP', parent));
  else trials.push(by('kill -9 of a worker', 'SIGKILL', worker), by('SIGSTOP of a worker', 'SIGSTOP', worker));
  if (kind.workers > 0) trials.push(by('SIGSTOP of the parent', 'SIGSTOP', parent));
  if (!kind.isQuickOnly) {
    for (const how of ['restart', 'stop'] as const) {
      // A stop is the last: nothing of it runs afterwards.
      if (how === 'stop')
        for (const status of [500, 503])
          trials.push([`its readiness answers ${status}`, () => answering(product, server, kind, status)]);
      trials.push([slowFault(how), () => duringSlow(product, server, kind, how)]);
    }
  }
  const outcomes: Outcome[] = [];
  for (const [fault, make] of trials) if (isWanted(fault)) outcomes.push(await make());
  return outcomes;
}

function slowFault(how: 'restart' | 'stop'): string {
  return `a request of ${SLOW_SECONDS} s through lifeguard ${how}`;
}

interface Family {
  readonly parent: number;
  readonly workers: readonly number[];
}

async function hurt(
  product: Product,
  server: RealServer,
  kind: Kind,
  fault: string,
  signal: NodeJS.Signals,
  whom: (family: Family) => number,
): Promise<Outcome> {
  await product.untilState(server.name, 'healthy', LONGEST_MS);
  await product.ask('reset', server.name);
  const before = await server.family(kind.workers);
  const victim = whom(before);
  const visitor = visit(server.port);
  await sleep(500);
  const began = performance.now();
  process.kill(victim, signal);
  const isOver = async () => {
    const row = readRows([victim]).get(victim);
    if (row !== undefined && row.state !== 'Z' && server.everybody().includes(victim)) return null;
    const family = await server.family(kind.workers);
    return family.workers.includes(victim) || family.parent === victim ? null : family;
  };
  const after = await until(fault, isOver, { deadlineMs: LONGEST_MS }).catch(() => null);
  const seconds = after === null ? null : (performance.now() - began) / 1_000;
  if (after === null && signal === 'SIGSTOP') process.kill(victim, 'SIGCONT');
  await sleep(2_000);
  await visitor.stop();
  const { policy } = await product.status(server.name);
  const now = await server.tree();
  const left = [before.parent, ...before.workers].filter((pid) => server.everybody().includes(pid) && !now.includes(pid)).length;
  // One that nobody made up for is there again for what comes next.
  if (seconds === null) await product.ask('restart', server.name);
  return { fault, seconds, asked: visitor.asked, failed: visitor.failed, left, restarts: policy.restarts };
}

async function duringSlow(product: Product, server: RealServer, kind: Kind, how: 'restart' | 'stop'): Promise<Outcome> {
  const config = ['--config', `${product.sandbox.dir}/ecosystem.config.ts`];
  await product.untilState(server.name, 'healthy', LONGEST_MS);
  await product.ask('reset', server.name);
  const before = await server.family(kind.workers);
  const slow = ask(server.port, `/slow?${SLOW_SECONDS}`, LONGEST_MS);
  await sleep(300);
  const began = performance.now();
  await product.sandbox.lifeguard(how, server.name, ...config);
  const seconds = (performance.now() - began) / 1_000;
  const came = await slow;
  const all = [before.parent, ...before.workers];
  const left = server.everybody().filter((pid) => how === 'stop' || all.includes(pid)).length;
  const { policy } = await product.status(server.name);
  return { fault: slowFault(how), seconds, asked: 1, failed: came === 200 ? 0 : 1, left, restarts: policy.restarts };
}
