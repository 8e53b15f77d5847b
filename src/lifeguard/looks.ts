import { type Clock, every } from '../clock/clock.ts';
import { holderOfPort, readList } from './follow-pm2.ts';
import { processesUp } from './processes.ts';
import type { Desk } from './watched.ts';

const MEMORY_EVERY_MS = 5_000;
const PORT_EVERY_MS = 500;
/** The bus tells everything; the list is read this often in case a message was lost. */
const LIST_EVERY_MS = 30_000;
/** That of a thousand apps takes a second of the daemon: it is asked for no more often than so many times as long as it took. */
const LIST_REST = 100;
const SAVE_EVERY_MS = 10_000;

/**
 * Starts what is looked at by the clock: the memory of backends that have a limit, the ports of those that wait for theirs, PM2's list.
 * @returns how to end it
 */
export function startLooking(desk: Desk, save: () => void): () => void {
  const looks: readonly (readonly [number, () => Promise<void>])[] = [
    [MEMORY_EVERY_MS, () => lookAtMemory(desk)],
    [PORT_EVERY_MS, () => lookAtPorts(desk)],
    [LIST_EVERY_MS, rested(() => readList(desk, desk.watched.values()), desk.ports.clock)],
    [SAVE_EVERY_MS, async () => save()],
  ];
  const { clock, log } = desk.ports;
  const ends = looks.map(([everyMs, look]) => every(clock, everyMs, oneAtATime(look, log)));
  return () => {
    for (const end of ends) end();
  };
}

async function lookAtMemory(desk: Desk): Promise<void> {
  for (const watched of desk.watched.values()) {
    const limit = watched.config.policy.maxMemoryBytes;
    const pids = processesUp(watched.view).flatMap(({ pid }) => (pid > 0 ? [pid] : []));
    if (limit === null || pids.length === 0) continue;
    watched.memoryBytes = desk.ports.host.memoryOf(pids, limit);
    desk.tell(watched, { type: 'memory', bytes: watched.memoryBytes });
  }
}

async function lookAtPorts(desk: Desk): Promise<void> {
  for (const watched of desk.watched.values())
    if (desk.stateOf(watched).name === 'blocked') desk.tell(watched, { type: 'port', holder: await holderOfPort(desk, watched) });
}

/** Leaves out what would come too soon after what took long. */
function rested(look: () => Promise<void>, clock: Clock): () => Promise<void> {
  let notBefore = Number.NEGATIVE_INFINITY;
  return async () => {
    const startedAt = clock.now();
    if (startedAt < notBefore) return;
    await look();
    notBefore = clock.now() + LIST_REST * (clock.now() - startedAt);
  };
}

function oneAtATime(look: () => Promise<void>, log: (text: string) => void): () => void {
  let busy = false;
  return () => {
    if (busy) return;
    busy = true;
    look()
      .catch((error: unknown) => log(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        busy = false;
      });
  };
}
