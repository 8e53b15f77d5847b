import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AlarmClock, every, sleep } from '../clock/clock.ts';
import { Pm2Error } from '../pm2/daemon/pm2-error.ts';
import type { BusEvent, Pm2Client, StopLimits } from '../pm2/types.ts';
import type { ExitInfo } from '../policy/event.ts';
import { changesOf, processOf } from './unit-changes.ts';
import { readUnit, type UnitNow } from './unit-now.ts';

/** A look at /proc; systemd itself is asked when the process is gone, while it is down, and now and then. */
const LOOK_EVERY_MS = 250;
const ASK_EVERY_MS = 5_000;
/** While something that was asked for is waited for. */
const DONE_EVERY_MS = 100;
/** What systemd may take beyond the time that a process has to end. */
const SPARE_MS = 30_000;

export interface UnitClient extends Pm2Client {
  /** How the last process ended, as far as it was seen. */
  exit(): ExitInfo | null;
}

/**
 * One backend's unit as the supervisor sees an app of PM2's, so that the same decisions drive both. Who runs this may be nobody in
 * particular: what is to be done is asked for by writing a file, at which systemd starts the unit that does it (lifeguard-restart@,
 * lifeguard-stop@).
 * @param asks the folder of those files
 */
export function unitClient(name: string, asks: string, clock: AlarmClock): UnitClient {
  let known: UnitNow | undefined;
  let exit: ExitInfo | null = null;
  let isOurs = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let listener: ((event: BusEvent) => void) | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let endLooks = () => {};

  /** One after the other, so that what is told is in its order. */
  function ask(): Promise<UnitNow> {
    const asked = last.then(async () => {
      askedAt = clock.now();
      const now = await readUnit(name);
      const before = known;
      known = now;
      exit = now.exit ?? exit;
      for (const event of changesOf(before, now, isOurs)) listener?.(event);
      return now;
    });
    last = asked.catch(() => undefined);
    return asked;
  }

  function look(): void {
    const isQuiet = known?.is === 'stopped' || (known?.is === 'up' && existsSync(`/proc/${known.pid}`));
    if (!isQuiet || clock.now() - askedAt >= ASK_EVERY_MS) void ask().catch(() => undefined);
  }

  async function have(
    what: 'restart' | 'stop',
    limits: StopLimits | undefined,
    isDone: (now: UnitNow) => boolean,
  ): Promise<void> {
    const end = clock.now() + (limits?.killTimeoutMs ?? 0) + SPARE_MS;
    isOurs = true;
    try {
      writeFileSync(join(asks, what), `${new Date().toISOString()}\n`);
      while (!isDone(await ask())) {
        if (clock.now() > end) throw new Pm2Error('timeout', `systemd did not ${what} ${name}.service in time`);
        await sleep(clock, DONE_EVERY_MS);
      }
    } finally {
      isOurs = false;
    }
  }

  async function restart(_: number, limits?: StopLimits): Promise<void> {
    const before = (await ask()).startedAt;
    await have('restart', limits, ({ is, startedAt }) => is === 'up' && startedAt !== before);
  }
  const stop = (_: number, limits?: StopLimits) => have('stop', limits, ({ is }) => is === 'stopped');

  return {
    list: async () => [processOf(await ask())],
    restart,
    reload: restart,
    stop,
    delete: stop,
    reloadLogs: async () => undefined,
    async onEvent(hear) {
      listener = hear;
      await ask();
      endLooks = every(clock, LOOK_EVERY_MS, look);
    },
    exit: () => exit,
    close: () => endLooks(),
  };
}
