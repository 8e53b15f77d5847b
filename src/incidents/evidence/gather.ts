import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchedBackend } from '../../config/resolved.ts';
import type { Host } from '../../host/host.ts';
import { lastLines } from '../last-lines.ts';
import type { Hide } from './hide.ts';
import { acceptQueues, type ProcessFigures, processFigures, type Waiting } from './processes.ts';
import { pythonStack } from './python-stack.ts';

/** What a look at the machine found. Filled piece by piece: what has not come when the time is up is left empty. */
export interface Findings {
  processes: readonly ProcessFigures[];
  acceptQueues: readonly Waiting[];
  log: readonly string[];
  errorLog: readonly string[];
  stacks: readonly { readonly pid: number; readonly text: string }[];
  machine: {
    readonly load: readonly number[];
    readonly freeMemoryBytes: number;
    readonly memoryBytes: number;
    readonly freeDiskBytes: number | null;
    /** How often the kernel's OOM killer has struck here. */
    readonly oomKills: number | null;
  } | null;
  /** What could not be had. */
  missing: readonly string[];
}

export interface Subject {
  readonly backend: Pick<WatchedBackend, 'name' | 'port' | 'logs'>;
  /** Its processes, as PM2 knows them; none: it is gone. */
  readonly pids: readonly number[];
}

const LINES = 100;
const LONGEST_LINE = 2_000;
const LOG_BYTES = 64 * 1024;
/** More Python processes than these are not looked into. */
const STACKS = 4;

/**
 * Looks at everything at the same time and writes into `found` what it sees; never rejects.
 * @param path the PATH on which py-spy may be
 */
export async function gather(found: Findings, { backend, pids }: Subject, host: Host, hide: Hide, path: string): Promise<void> {
  const piece = async (what: string, look: () => void | Promise<void>) => {
    try {
      await look();
    } catch (error) {
      found.missing = [...found.missing, `${what}: ${error instanceof Error ? error.message : String(error)}`];
    }
  };
  await Promise.all([
    piece('logs', () => {
      found.log = tailOf(backend, '.log', hide);
      found.errorLog = tailOf(backend, '.error.log', hide);
    }),
    piece('accept queue', () => {
      found.acceptQueues = acceptQueues(host, backend.port);
    }),
    piece('processes', async () => {
      found.processes = await processFigures(host, pids, hide, (ms) => sleep(ms));
    }),
    piece('stacks', async () => {
      found.stacks = await stacksOf(host, pids, hide, path);
    }),
    piece('machine', async () => {
      found.machine = await machineFigures(host, backend.logs.directory);
    }),
  ]);
}

function tailOf({ name, logs }: Subject['backend'], ending: string, hide: Hide): string[] {
  const lines = lastLines(join(logs.directory, `${name}${ending}`), { maxBytes: LOG_BYTES }).slice(-LINES);
  return lines.map((line) => hide(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

async function stacksOf(host: Host, pids: readonly number[], hide: Hide, path: string): Promise<Findings['stacks']> {
  const stacks = await Promise.all(pids.slice(0, STACKS).map(async (pid) => ({ pid, text: await pythonStack(host, pid, path) })));
  return stacks.flatMap(({ pid, text }) => (text === null ? [] : [{ pid, text: hide(text) }]));
}

async function machineFigures(host: Host, directory: string): Promise<Findings['machine']> {
  const disk = await statfs(directory).catch(() => null);
  return {
    load: loadavg().map((value) => Math.round(value * 100) / 100),
    freeMemoryBytes: freemem(),
    memoryBytes: totalmem(),
    freeDiskBytes: disk === null ? null : disk.bavail * disk.bsize,
    oomKills: host.oomKills(),
  };
}
