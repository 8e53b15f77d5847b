import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../src/clock/clock.ts';
import type { WatchConfig } from '../src/config/resolved.ts';
import type { Host } from '../src/host/host.ts';
import type { LogEvent } from '../src/logs/log-event.ts';
import { Pm2Logs } from '../src/logs/pm2-logs.ts';
import { createRotator, type RoundSummary } from '../src/logs/rotator.ts';
import type { LogSource } from '../src/logs/sources.ts';
import { socketsOf } from '../src/pm2/home.ts';
import type { App } from '../src/pm2/ownership/owner.ts';
import type { Pm2Client, Pm2Process } from '../src/pm2/types.ts';

const TICK_EVERY_MS = 1_000;
/** PM2's list is read when its bus told of a change, and this often in case a message was lost. */
const LIST_EVERY_MS = 30_000;
/** That of a thousand apps takes a second of the daemon: it is not asked for more often than so many times as long as it took. */
const LIST_REST = 100;

/** After a change it is read again when it has rested for so many times as long: a crash loop must not wait behind it. */
const CHANGED_REST = 20;

/** A cluster worker that is told to reopen its logs while it still opens them dies of it (PM2's lib/Utility.js, startLogging). */
const WORKER_OPENS_LOGS_MS = 2_000;

/** Of log files that no backend's configuration names: the daemon's own, other apps', incidents.jsonl. */
const FALLBACK = { maxSizeBytes: 10 * 1024 ** 2, retainMs: 10 * 86_400_000, compress: true, maxTotalBytes: null, files: [] };

export interface LogRotationPorts {
  readonly config: WatchConfig;
  readonly pm2Home: string;
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly host: Host;
  /** The ecosystem file that an app belongs to; null: to none. */
  readonly ownerOf: (app: App) => string | null;
}

export interface LogRotation {
  /** Rotates every file that has a line in it. */
  rotateNow(): Promise<RoundSummary>;
  stop(): void;
}

/** Watches the log files of this PM2 and rotates what is due and ours. `say` is called with what somebody should know, `onEvent` with all of it. */
export function startLogRotation(
  { config, pm2Home, pm2, clock, host, ownerOf }: LogRotationPorts,
  say: (text: string) => void,
  onEvent: (event: LogEvent) => void = () => undefined,
): LogRotation {
  const logs = new Pm2Logs({ host, config, pm2Home, ownerOf, fallback: { ...FALLBACK, directory: config.logsDirectory } });
  const look = cachedLook(pm2, clock, async (processes) => ({
    sources: await logs.sources(processes),
    workersStartedAt: processes.flatMap(({ execMode, startedAt }) => (execMode === 'cluster' ? [startedAt] : [])),
  }));
  const rotator = createRotator({
    host,
    sources: async () => (await look()).sources,
    reload: () => pm2.reloadLogs(),
    exclusively: (work) => logs.exclusively(work),
    busPath: socketsOf(pm2Home).bus,
    clock,
    report: (event) => {
      const text = sentence(event);
      if (text) say(text);
      onEvent(event);
    },
  });
  const canReload = async () => {
    if (look.isResting()) return false;
    const { workersStartedAt } = await look();
    return workersStartedAt.every((startedAt) => Math.abs(clock.wallNow() - startedAt) > WORKER_OPENS_LOGS_MS);
  };
  let lastError = '';
  const tick = async () => {
    try {
      if (await canReload()) await rotator.tick();
      lastError = '';
    } catch (error) {
      if (String(error) !== lastError) say(`log rotation: ${String(error)}`);
      lastError = String(error);
    }
  };
  const timer = setInterval(() => void tick(), TICK_EVERY_MS);
  return {
    async rotateNow() {
      if (!(await canReload())) await sleep(WORKER_OPENS_LOGS_MS);
      return rotator.rotateNow();
    },
    stop() {
      clearInterval(timer);
      logs.close();
    },
  };
}

/** What PM2's list says of the logs, without the list: of a thousand apps it is 10 MB. */
interface Look {
  readonly sources: readonly LogSource[];
  /** Of cluster workers, wall clock ms. */
  readonly workersStartedAt: readonly number[];
}

function cachedLook(
  pm2: Pm2Client,
  clock: Clock,
  lookAt: (processes: readonly Pm2Process[]) => Promise<Look>,
): (() => Promise<Look>) & { isResting(): boolean } {
  let last: Look | null = null;
  let lastsUntil = 0;
  let changes = 0;
  let restsUntil = 0;
  void pm2.onEvent(() => {
    last = null;
    changes++;
  });
  const look = async () => {
    const startedAt = clock.now();
    if (last && startedAt < lastsUntil) return last;
    const before = changes;
    const fresh = await lookAt(await pm2.list());
    restsUntil = clock.now() + CHANGED_REST * (clock.now() - startedAt);
    lastsUntil = startedAt + Math.max(LIST_EVERY_MS, LIST_REST * (clock.now() - startedAt));
    if (changes === before) last = fresh;
    return fresh;
  };
  return Object.assign(look, { isResting: () => last === null && clock.now() < restsUntil });
}

/** What is worth a line in lifeguard's own log; null: all is as it should be. */
function sentence(event: LogEvent): string | null {
  switch (event.kind) {
    case 'rotated':
      return `rotated ${event.live} to ${event.rotated} (${event.why})`;
    case 'removed':
      return `removed ${event.path}, ${event.bytes} bytes (${event.why})`;
    case 'disk-full':
      return `the disk is full: ${event.text}; rotation goes on when there is room`;
    case 'space-back':
      return `there is room again in ${event.directory}`;
    case 'stands-back':
      return `${event.rival} rotates ${these(event.paths)} too: from now on lifeguard does not, as two that do lose lines`;
    case 'goes-on':
      return `${event.rival} is gone: lifeguard rotates ${these(event.paths)} again`;
    case 'failed':
      return `cannot rotate ${event.path}: ${event.text}`;
    case 'unverified':
      return `${event.path}: it could not be told whether PM2 dropped lines while it reopened the file`;
    case 'archived':
    case 'repaired':
      return null;
  }
}

/** The first, and how many more. */
function these([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}
