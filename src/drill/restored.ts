import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendStatus } from '../lifeguard/status.ts';
import type { Pm2Process } from '../pm2/types.ts';
import type { DrillPorts } from './run.ts';

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;

/** The budget is given back, and all is as it was: healthy, as many processes, none of them stopped, every other app the same process. */
export async function restored(ports: DrillPorts, before: BackendStatus, others: string): Promise<boolean> {
  const { status, reset, isInterrupted, apps } = ports;
  const until = Date.now() + WITHIN_MS;
  // One that waits for its next start, or was given up, is started at once.
  if (isInterrupted()) await reset();
  for (;;) {
    const now = await status();
    const isWell = now !== null && now.policy.state === 'healthy' && now.policy.incident === null;
    if (isWell) {
      await reset();
      return (await isWhole(ports, before)) && othersAs(await apps(), before.name) === others;
    }
    if (Date.now() > until) {
      await reset();
      return false;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function isWhole({ status, host, apps }: DrillPorts, before: BackendStatus): Promise<boolean> {
  const after = await status();
  const rows = await host.rowsOf(pidsOf(await apps(), before.name));
  return (
    after?.policy.restarts === 0 &&
    after.processes.length === before.processes.length &&
    [...rows.values()].every(({ state }) => state !== 'T')
  );
}

/** What PM2 runs of it. lifeguard does not always know: of a cluster's new worker the bus tells no pid. */
export function pidsOf(apps: readonly Pm2Process[], backend: string): number[] {
  return apps.flatMap(({ name, pid }) => (name === backend && pid > 0 ? [pid] : []));
}

/** Every other app of this PM2 by what tells its process from another one. */
export function othersAs(apps: readonly Pm2Process[], backend: string): string {
  const others = apps.filter(({ name }) => name !== backend);
  return others
    .map(({ name, pmId, pid, status }) => `${pmId} ${name} ${pid} ${status}`)
    .toSorted()
    .join('\n');
}
