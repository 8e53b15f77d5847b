import type { StopSignal, WatchConfig } from '../../config/resolved.ts';
import type { Host } from '../../host/host.ts';
import { endLeftBehind } from '../../host/orphans/left-behind.ts';
import { endGracefully } from '../../host/processes/end-gracefully.ts';
import { thisHost } from '../../host/this-host.ts';
import { formatDuration } from '../../units/duration.ts';
import type { Environment } from '../daemon/environment.ts';
import type { LauncherClient } from '../daemon/launcher-client.ts';
import { killTimeoutOf } from '../kill-timeout.ts';
import type { Ownership } from '../ownership/owner.ts';
import type { Pm2Process } from '../types.ts';

/** How processes of our apps are asked to end. */
export interface Ending {
  /** By a signal to what PM2 started; null: PM2 ends it in its own way. */
  signalOf(app: string): StopSignal | null;
  readonly host: Host;
  readonly print: (line: string) => void;
}

/** Whoever waits longer than this is told for what. */
const PATIENCE_MS = 2_000;

/** @param watch what lifeguard goes by, or is to go by; null: nothing is known, and PM2 ends all of them */
export function endingOf(watch: WatchConfig | null, environment: Environment, print: (line: string) => void): Ending {
  const backends = watch?.backends ?? [];
  return {
    signalOf: (app) => backends.find(({ name }) => name === app)?.stopSignal ?? null,
    host: thisHost(environment),
    print,
  };
}

/**
 * Ends one process by the signal that is its app's, before PM2 is asked to: PM2 would send SIGINT to the whole tree. PM2 takes that end for
 * a crash and starts it again 0.1 s later, unless it is stopped, deleted or restarted by then. Who watches it has to be told before.
 */
export async function endBySignal({ signalOf, host, print }: Ending, { name, pid, status, env }: Pm2Process): Promise<void> {
  const signal = signalOf(name);
  if (signal === null || pid <= 0 || status !== 'online') return;
  const withinMs = killTimeoutOf(env);
  const patience = setTimeout(
    () =>
      print(
        `${name}: was sent ${signal} and finishes what it has in hand: it is waited for, ${formatDuration(withinMs)} at most`,
      ),
    PATIENCE_MS,
  );
  try {
    const end = await endGracefully(host, pid, signal, withinMs);
    if (end === 'cut')
      print(
        `${name}: did not end within ${formatDuration(withinMs)} (kill_timeout): it was killed, and what it had in hand is cut`,
      );
  } finally {
    clearTimeout(patience);
  }
}

/** Ends one process of ours so that PM2 has it stopped and nothing of it is left: the next one may start. False: PM2 is to do it by itself. */
export async function standStill(
  client: LauncherClient,
  ending: Ending,
  { file }: Ownership,
  process: Pm2Process,
  pm2Home: string,
): Promise<boolean> {
  if (ending.signalOf(process.name) === null || process.pid <= 0) return false;
  await client.announce(process.pmId, 'stop');
  await endBySignal(ending, process);
  await client.stop(process.pmId);
  await endLeftBehind(ending.host, { app: process.name, owner: file, pm2Home });
  return true;
}
