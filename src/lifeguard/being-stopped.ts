import type { Pm2Process } from '../pm2/types.ts';
import type { Ports } from './ports.ts';

/** Many backends that fail at once are looked up together. */
const FRESH_MS = 100;

/**
 * Whether PM2 is just stopping a backend, as in an operator's restart: its requests in flight are being finished, new ones refused.
 * The bus tells only the end of that, so the list is asked, and only when a check has failed.
 * @returns false too when PM2 does not answer
 */
export function beingStopped({ pm2, clock }: Pick<Ports, 'pm2' | 'clock'>): (name: string) => Promise<boolean> {
  let list: Promise<readonly Pm2Process[]> = Promise.resolve([]);
  let at = Number.NEGATIVE_INFINITY;
  return async (name) => {
    if (clock.now() - at > FRESH_MS) {
      at = clock.now();
      list = pm2.list().catch(() => []);
    }
    const own = (await list).filter((process) => process.name === name);
    return own.some(({ status }) => status === 'stopping') && !own.some(({ status }) => status === 'online');
  };
}
