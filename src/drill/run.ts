import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedBackend } from '../config/resolved.ts';
import { startTimeOf } from '../host/processes/is-alive.ts';
import type { IncidentRecord } from '../incidents/journal.ts';
import type { BackendStatus } from '../lifeguard/status.ts';
import type { Attempt, Fault, Stage } from './fault.ts';
import { writeDrillNote } from './note.ts';
import { type Asked, type Figures, figuresOf } from './report/figures.ts';
import type { Told } from './report/told.ts';
import { othersAs, pidsOf, restored } from './restored.ts';
import { letGoOn, undo } from './undo.ts';

export interface DrillPorts extends Pick<Stage, 'host' | 'apps' | 'companions' | 'isFull'> {
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
  /** The line that is written over itself while it lasts; '' takes it away. */
  readonly live: (text: string) => void;
  /** What became of the alerts about these incidents; null: no channel is configured. */
  readonly told: (incidents: ReadonlySet<number>) => Told[] | 'gathering' | null;
  /** Somebody wants it to end. */
  readonly isInterrupted: () => boolean;
}

const ASK_EVERY_MS = 50;
const LOOK_EVERY_MS = 100;
/** After it is well again for so long, a last look. */
const CALM_MS = 500;

/**
 * Brings a fault about, watches what becomes of it, and puts everything back. What undoes it is on the disk before anything is done.
 * @param deadlineMs by then it counts as not recovered
 * @returns what was measured; a text: why the fault can't be brought about here, and nothing was done
 */
export async function drill(
  fault: Fault,
  backend: WatchedBackend,
  ports: DrillPorts,
  deadlineMs: number,
): Promise<Figures | string> {
  const { host, noteFile } = ports;
  const before = await ports.status();
  const listed = await ports.apps();
  const pids = pidsOf(listed, backend.name);
  if (before === null || pids.length === 0) throw new Error(`${backend.name} has no process`);
  const attempt = await fault.prepare({ ...ports, backend, pids });
  if (typeof attempt === 'string') return attempt;
  const by = { pid: process.pid, startTime: (await startTimeOf(host, process.pid)) ?? 0 };
  const note = { version: 1, backend: backend.name, fault: fault.name, by } as const;
  const others = othersAs(listed, backend.name);
  const asked: Asked[] = [];
  const stopAsking = askSteadily(ports, asked);
  /** Takes it away, on the disk too; what the journal says of its end is still a drill's. */
  const lift = async () => {
    await attempt.end?.();
    await letGoOn(attempt.undoing.struck, host);
    writeDrillNote(noteFile, { ...note, struck: [] });
  };
  try {
    writeDrillNote(noteFile, { ...note, ...attempt.undoing });
    const at = Date.now();
    ports.say(`${fault.name}: ${await attempt.bring()}`);
    const liftedAt = await watch(ports, attempt, { at, deadlineMs: deadlineMs + (attempt.lastsMs ?? 0), lift, asked });
    await lift();
    await sleep(CALM_MS);
    await stopAsking();
    const records = ports.records(at);
    const alert = ports.told(new Set(records.map(({ incident }) => incident)));
    const asBefore = await restored(ports, before, others);
    const lifted = attempt.endsWithRestart ? null : liftedAt;
    return { ...figuresOf({ fault: fault.name, backend: backend.name, at, asBefore, liftedAt: lifted }, records, asked), alert };
  } catch (error) {
    await lift();
    await restored(ports, before, others);
    throw error;
  } finally {
    ports.live('');
    await stopAsking();
    await attempt.end?.();
    await undo(noteFile, host);
  }
}

/**
 * Until it is well again, by another process where it cost one, or the time is up, or somebody has had enough.
 * @returns when the fault was taken away, wall clock ms
 */
async function watch(
  { records, say, live, status, reset, isInterrupted }: DrillPorts,
  attempt: Attempt,
  { at, deadlineMs, lift, asked }: { at: number; deadlineMs: number; lift: () => Promise<void>; asked: readonly Asked[] },
): Promise<number | null> {
  const told = new Set<string>();
  let liftedAt: number | null = null;
  while (Date.now() - at < deadlineMs && !isInterrupted()) {
    const so = { sinceMs: Date.now() - at, records: records(at) };
    for (const { what, reason, time } of so.records) {
      if (told.has(what)) continue;
      told.add(what);
      say(`  +${((Date.parse(time) - at) / 1_000).toFixed(1)} s  ${what}: ${reason.text}`);
    }
    if (attempt.isOver && liftedAt === null) {
      if (await attempt.isOver(so)) {
        await lift();
        liftedAt = Date.now();
        if (!attempt.endsWithRestart) say(`  +${((liftedAt - at) / 1_000).toFixed(1)} s  the fault is taken away`);
        if (told.has('give-up')) await reset();
      }
    } else if (told.has('recover') || told.size === 0) {
      const now = await status();
      const isSeen = told.has('recover') || liftedAt !== null;
      if (isSeen && now !== null && isWell(now, attempt)) return liftedAt;
    }
    live(liveLine(Date.now() - at, [...told].at(-1), asked));
    await sleep(LOOK_EVERY_MS);
  }
  return liftedAt;
}

/** How it goes, while nothing else is to be told. */
export function liveLine(sinceMs: number, last: string | undefined, asked: readonly Asked[]): string {
  const failed = asked.filter(({ ok }) => !ok).length;
  return `  +${(sinceMs / 1_000).toFixed(1)} s  ${last ?? 'not seen yet'}; ${failed} of ${asked.length} requests failed`;
}

function isWell({ policy, processes }: BackendStatus, { doomed }: Attempt): boolean {
  return policy.state === 'healthy' && policy.incident === null && !processes.some(({ pid }) => doomed.has(pid));
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
