import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host.ts';
import { aliveOf } from '../processes/is-alive.ts';
import { killTree } from '../processes/kill-tree.ts';
import { isDead, type ProcessRow, type ProcessTable } from '../processes/process-row.ts';
import { ancestorsOf } from '../processes/trees.ts';
import { daemonPid, isMarked, type MarkedApp } from './marker.ts';

/** For requests in flight. One that is frozen does not hear SIGTERM. */
const GRACE_MS = 1_000;
/** A process that a signal does not end (stuck in the kernel, of another user) is not waited for any longer. */
const GIVE_UP_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * What an app of PM2's has left behind: processes that carry its marker and live on although the one that PM2 started has ended, such as
 * the workers of a hypercorn whose parent was killed. Whatever is below a process that PM2 runs, or in its session, belongs to that one; and
 * what is younger than the app's own process may have been sent off by it.
 * @returns nothing where PM2's daemon is not known: see findOrphans for what a dead one left. @throws HostError when the processes can't be listed
 */
export async function leftBehind(host: Host, marked: MarkedApp): Promise<ProcessRow[]> {
  const table = await host.processes();
  const daemon = table.get(daemonPid(marked.pm2Home) ?? 0);
  if (daemon === undefined || isDead(daemon)) return [];
  const roots = new Set([...table.values()].filter((row) => isRootOf(daemon, row)).map(({ pid }) => pid));
  const ours = new Set([process.pid, ...ancestorsOf(process.pid, table), daemon.pid, ...ancestorsOf(daemon.pid, table)]);
  const strays = [...table.values()].filter(
    (row) => !isDead(row) && !ours.has(row.pid) && !isBelow(roots, row, table) && isWorthAsking(host, daemon, row, table),
  );
  const found = await markedOf(host, strays, marked);
  if (found.length === 0) return [];
  const started = [...roots].flatMap((pid) => table.get(pid) ?? []);
  const running = await markedOf(host, started, marked);
  const oldest = Math.min(...running.map(({ startTime }) => startTime));
  return found.filter(({ startTime }) => startTime < oldest && !host.isSameStart(startTime, oldest));
}

/** One that PM2 started: the leader of a session of its own or, in cluster mode, in the daemon's. */
function isRootOf(daemon: ProcessRow, row: ProcessRow): boolean {
  return row.ppid === daemon.pid && !isDead(row) && (row.session === row.pid || row.session === daemon.session);
}

function isBelow(roots: ReadonlySet<number>, row: ProcessRow, table: ProcessTable): boolean {
  return [row.pid, row.session, ...ancestorsOf(row.pid, table)].some((pid) => roots.has(pid));
}

/** An environment is much text for `ps` to print: there only those are asked that lost the leader of their session, or are in the daemon's. */
function isWorthAsking({ by }: Host, daemon: ProcessRow, { session }: ProcessRow, table: ProcessTable): boolean {
  const leader = table.get(session);
  return by === 'proc' || leader === undefined || isDead(leader) || session === daemon.session;
}

/**
 * Ends what an app has left behind, whoever it is: SIGTERM, and SIGKILL after a second. Looked for again until none is left, as they may
 * start others; each is compared with the one that was met before every signal.
 * @returns who was met; those that would not end are among them. @throws HostError when the processes can't be listed
 */
export async function endLeftBehind(host: Host, marked: MarkedApp, graceMs = GRACE_MS): Promise<readonly ProcessRow[]> {
  const met = new Map<number, ProcessRow>();
  const began = performance.now();
  for (;;) {
    const left = await leftBehind(host, marked);
    const waited = performance.now() - began;
    if (left.length === 0 || waited > graceMs + GIVE_UP_MS) return [...met.values()];
    if (waited >= graceMs) for (const { pid, startTime } of left) await killTree(host, pid, 'SIGKILL', { startTime });
    else
      await terminate(
        host,
        left.filter(({ pid, startTime }) => met.get(pid)?.startTime !== startTime),
      );
    for (const row of left) met.set(row.pid, row);
    await sleep(LOOK_EVERY_MS);
  }
}

async function terminate(host: Host, rows: readonly ProcessRow[]): Promise<void> {
  for (const { pid } of await aliveOf(host, rows)) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It ended just now, or belongs to another user.
    }
  }
}

async function markedOf(host: Host, rows: readonly ProcessRow[], marked: MarkedApp): Promise<ProcessRow[]> {
  const environments = await host.environmentsOf(rows.map(({ pid }) => pid));
  return rows.filter(({ pid }) => isMarked(environments.get(pid), marked));
}
