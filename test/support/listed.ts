import { connectPm2 } from '../../src/pm2/client.ts';
import { Pm2Error } from '../../src/pm2/pm2-error.ts';
import type { Pm2Process } from '../../src/pm2/types.ts';

/** What the daemon of this home lists, asked without a `pm2` of half a second; nothing when no daemon runs. */
export async function listed(pm2Home: string): Promise<Pm2Process[]> {
  try {
    const client = await connectPm2(pm2Home);
    try {
      return await client.list();
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof Pm2Error && error.code === 'refused') return [];
    throw error;
  }
}
