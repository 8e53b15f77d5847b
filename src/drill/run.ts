import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedBackend } from '../config/resolved.ts';
import type { Host } from '../host/host.ts';
import { startTimeOf } from '../host/processes/is-alive.ts';
import type { IncidentRecord } from '../incidents/journal.ts';
import type { BackendStatus } from '../lifeguard/status.ts';
import { type Fault, struckBy } from './fault.ts';
import { type Asked, type Figures, figuresOf } from './figures.ts';
import { signal, undo, writeDrillNote } from './undo.ts';

export interface DrillPorts {
  readonly host: Host;
  /** Where the undo is noted. */
  readonly noteFile: string;
  /** How lifeguard sees the backend; null: no answer. */
  readonly status: () => Promise<BackendStatus | null>;
  /** Gives back what was spent of the restart budget. */
  readonly reset: () => Promise<void>;
  /** The journal's lines about the backend since then, wall clock ms. */
  readonly records: (since: number) => readonly IncidentRecord[];
  /** Asks the backend once. */
  readonly ask: () => Promise<boolean>;
  /** A line about how it goes. */
  readonly say: (text: string) => void;
  /** Somebody wants it to end. */
  readonly isInterrupted: () => boolean;
}

const ASK_EVERY_MS = 50;
const LOOK_EVERY_MS = 200;
/** After it is well again for so long, a last look. */
const CALM_MS = 500;
const RESTORED_WITHIN_MS = 30_000;

/**
 * Why a backend is in no state for a drill; null: it is. Pure.
 * A drill on what is not well would make it worse, and could not tell whose restart it saw.
 */
export function unsteady(
  status: BackendStatus | null,
  { policy, targets }: Pick<WatchedBackend, 'policy' | 'targets'>,
  { cause, name }: Fault,
): string | null {
  if (status === null) return 'lifeguard does not answer';
  if (status.policy.state !== 'healthy') return `it is ${status.policy.state}, not healthy`;
  if (status.policy.incident !== null) return 'it is in the middle of an incident';
  if (status.policy.restarts > 0)
    return `it was restarted ${status.policy.restarts === 1 ? 'once' : `${status.policy.restarts} times`} lately, and the drill would not know whose restarts it gives back`;
  const down = status.dependencies.find(({ up }) => up === false);
  if (down !== undefined) return `it needs ${down.name}, which is down`;
  if (!(policy.restartOn as readonly string[]).includes(cause))
    return `restart.on does not name ${cause}: nothing would be done about it`;
  if (policy.maxRestarts < 2) return 'max_restarts leaves no restart to spare';
  return targets.liveness === null && name !== 'crash' ? 'nothing is asked for its health, so nobody would notice' : null;
}

/**
 * Brings a fault about, watches what becomes of it, and puts everything back. What undoes it is on the disk before anything is done.
 * @param deadlineMs by then it counts as not recovered
 */
export async function drill(fault: Fault, backend: WatchedBackend, ports: DrillPorts, deadlineMs: number): Promise<Figures> {
  const { host, noteFile, say } = ports;
  const before = await ports.status();
  const [first] = before?.processes ?? [];
  if (before === null || first === undefined) throw new Error(`${backend.name} has no process`);
  const struck = await struckBy(fault, host, first.pid, backend.port);
  const by = { pid: process.pid, startTime: (await startTimeOf(host, process.pid)) ?? 0 };
  const asked: Asked[] = [];
  const stopAsking = askSteadily(ports, asked);
  try {
    writeDrillNote(noteFile, { version: 1, backend: backend.name, fault: fault.name, by, struck });
    const at = Date.now();
    for (const { pid } of struck) signal(pid, fault.signal);
    say(`${fault.name}: done to ${struck.map(({ pid }) => `pid ${pid}`).join(', ')}`);
    await watch(ports, at, before, deadlineMs);
    await sleep(CALM_MS);
    await stopAsking();
    const records = ports.records(at);
    await undo(noteFile, host);
    const asBefore = await restored(ports, before);
    return figuresOf({ fault: fault.name, backend: backend.name, at, asBefore }, records, asked);
  } finally {
    await stopAsking();
    await undo(noteFile, host);
  }
}

/** Until it is well again by another process, or the time is up, or somebody has had enough. */
async function watch(
  { records, say, status, isInterrupted }: DrillPorts,
  at: number,
  before: BackendStatus,
  deadlineMs: number,
): Promise<void> {
  const told = new Set<string>();
  const old = new Set(before.processes.map(({ pid }) => pid));
  while (Date.now() - at < deadlineMs && !isInterrupted()) {
    for (const { what, reason, time } of records(at)) {
      if (told.has(what)) continue;
      told.add(what);
      say(`  +${((Date.parse(time) - at) / 1_000).toFixed(1)} s  ${what}: ${reason.text}`);
    }
    const now = told.has('recover') ? await status() : null;
    if (now?.policy.state === 'healthy' && now.processes.some(({ pid }) => !old.has(pid))) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** The budget is given back, and all is as it was: healthy, as many processes, none of them stopped. */
async function restored({ status, reset, host, isInterrupted }: DrillPorts, before: BackendStatus): Promise<boolean> {
  const until = Date.now() + RESTORED_WITHIN_MS;
  for (;;) {
    const now = await status();
    if (now !== null && now.policy.state === 'healthy' && now.policy.incident === null) {
      await reset();
      const after = await status();
      const rows = await host.rowsOf(after?.processes.map(({ pid }) => pid) ?? []);
      return (
        after?.policy.restarts === 0 &&
        after.processes.length === before.processes.length &&
        [...rows.values()].every(({ state }) => state !== 'T')
      );
    }
    if (Date.now() > until || isInterrupted()) {
      await reset();
      return false;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** @returns ends it, and resolves when every request is over */
function askSteadily({ ask }: Pick<DrillPorts, 'ask'>, asked: Asked[]): () => Promise<void> {
  const open = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const at = Date.now();
    const request: Promise<void> = ask()
      .then((ok) => {
        asked.push({ at, ok });
      })
      .finally(() => open.delete(request));
    open.add(request);
  }, ASK_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(open);
  };
}
