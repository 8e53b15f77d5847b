import { listProcesses } from '../../src/cli/looking/look.ts';
import type { Pm2Process } from '../../src/pm2/types.ts';

/** What the daemon of this home lists, asked without a `pm2` of half a second; nothing when no daemon runs. */
export async function listed(pm2Home: string): Promise<readonly Pm2Process[]> {
  return (await listProcesses(pm2Home)) ?? [];
}
