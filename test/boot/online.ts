import { readFileSync } from 'node:fs';
import { parseStat } from '../../src/host/linux/process-table.ts';
import { connectIfThere } from '../../src/pm2/daemon/reach.ts';

/**
 * By name, `pid@start time` of every process that the PM2 of a machine has online, asked from outside, by its socket there: `pm2 jlist` says the
 * same for a hundred times the work, and starts a daemon where there is none. Empty where nobody listens.
 * @param root the machine's tree, as those inside see it
 */
export async function online(root: string, pm2Home: string): Promise<Record<string, string>> {
  const client = await connectIfThere(`${root}${pm2Home}`);
  if (client === null) return {};
  try {
    const running = (await client.list()).filter(({ status }) => status === 'online');
    return Object.fromEntries(running.map(({ name, pid }) => [name, `${pid}@${startTime(root, pid)}`]));
  } finally {
    client.close();
  }
}

function startTime(root: string, pid: number): number {
  return parseStat(readFileSync(`${root}/proc/${pid}/stat`, 'utf8')).startTime;
}
