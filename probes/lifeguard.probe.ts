import { setFlagsFromString } from 'node:v8';
import { createSupervisor } from '../src/lifeguard/supervise.ts';
import { messageOf } from '../src/pm2/command-line/failure.ts';
import { actionTable, answer } from './actions.ts';
import { io } from './io.ts';
import { publishMetrics } from './metrics.ts';
import { guardAgainstStall } from './stall-guard.ts';
import { log, stopEntry, wire } from './wiring.ts';

// PM2's list of a large fleet is 10 MB for a moment: the heap is not to stay at a multiple of what lives in it.
setFlagsFromString('--heap-growing-percent=50');

/** The first checks, lists and rotations are made: what they needed once is garbage by then. */
const SETTLED_MS = 10_000;

/**
 * The PM2 app `lifeguard`. It ends with the daemon that started it: when its channel or the daemon's socket closes, at once;
 * there must never be two that drive one backend.
 */
async function main(): Promise<void> {
  const { config, ports, extras, watching, close } = await wire(process.env);
  const supervisor = createSupervisor(config, ports, () => end("PM2's daemon is gone", 0));

  function end(why: string, status: number): void {
    log(`${why}: ending`);
    supervisor.stop();
    close();
    process.exit(status);
  }
  process.once('disconnect', () => end('PM2 is gone', 0));
  process.once('SIGINT', () => end('stopped', 0));
  process.once('SIGTERM', () => end('stopped', 0));

  guardAgainstStall(ports.clock, log);
  await supervisor.start();
  publishMetrics(supervisor);
  watching(supervisor);
  // PM2 passes the parameter only to a handler that is declared with exactly two.
  for (const [name, handler] of Object.entries(actionTable(extras)))
    io.action(name, (param: unknown, reply: (data: unknown) => void) => {
      void answer(handler, supervisor, param).then(reply);
    });
  log(`watching ${supervisor.names.join(', ')}`);
  setTimeout(() => globalThis.gc?.(), SETTLED_MS);
}

main().catch(async (error: unknown) => {
  log(messageOf(error));
  // Started again and again it would not be there either.
  if ((error as { code?: unknown }).code === 'no-configuration') await stopEntry(process.env).catch(() => undefined);
  process.exit(1);
});
