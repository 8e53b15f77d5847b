import type { Pm2Client } from '../types.ts';
import { adoptionOf, adoptionsIn } from './adopted.ts';
import type { App } from './owner.ts';
import { recordOf } from './record.ts';

/** Tells of each app of this PM2 which ecosystem file it belongs to; null: to none, somebody started it by hand. */
export function ownersIn(pm2Home: string): (app: App) => string | null {
  const adoptions = adoptionsIn(pm2Home);
  return (app) => (adoptionOf(app, adoptions()) ?? recordOf(app))?.file ?? null;
}

/** The client of a lifeguard: it sees the apps of its own ecosystem file alone, whatever else has the same names. */
export function ownApps(client: Pm2Client, isOurs: (app: App) => boolean): Pm2Client {
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
