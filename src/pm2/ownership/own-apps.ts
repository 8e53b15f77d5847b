import type { Pm2Client } from '../types.ts';
import { recordOf } from './record.ts';

/** The client of a lifeguard: it sees the apps of its own ecosystem file alone, whatever else has the same names. */
export function ownApps(client: Pm2Client, owner: string): Pm2Client {
  const isOurs: (process: Parameters<typeof recordOf>[0]) => boolean = (process) => recordOf(process)?.file === owner;
  return {
    list: async () => (await client.list()).filter(isOurs),
    restart: (pmId, limits) => client.restart(pmId, limits),
    reload: (pmId, limits) => client.reload(pmId, limits),
    stop: (pmId, limits) => client.stop(pmId, limits),
    delete: (pmId) => client.delete(pmId),
    reloadLogs: () => client.reloadLogs(),
    onEvent: (listener) =>
      client.onEvent((event) => {
        if (event.type !== 'process' || isOurs(event.process)) listener(event);
      }),
    close: () => client.close(),
  };
}
