import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ANSWERS_WITHIN_MS = 10_000;

const require = createRequire(import.meta.url);
const axon = require('pm2/modules/pm2-axon');
const rpc = require('pm2/modules/pm2-axon-rpc');

interface Entry {
  readonly name: string;
  readonly pid: number;
  readonly pm2_env: { readonly status: string };
}

/**
 * By name, `pid@start time` of every process that the PM2 of a machine has online, asked from outside, by its socket there: `pm2 jlist` says the
 * same for a hundred times the work, and starts a daemon where there is none.
 * @param root the machine's tree, as those inside see it
 */
export async function online(root: string, pm2Home: string): Promise<Record<string, string>> {
  const list = await monitorData(`${root}${pm2Home}/rpc.sock`);
  const running = list.filter(({ pm2_env }) => pm2_env.status === 'online');
  return Object.fromEntries(running.map(({ name, pid }) => [name, `${pid}@${startTime(root, pid)}`]));
}

/** Empty where nobody listens. */
function monitorData(path: string): Promise<Entry[]> {
  if (!existsSync(path)) return Promise.resolve([]);
  const socket = axon.socket('req');
  const asked = new Promise<Entry[]>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`PM2 did not answer on ${path}`)), ANSWERS_WITHIN_MS);
    const over = (then: () => void) => {
      clearTimeout(late);
      then();
    };
    socket.on('error', () => over(() => resolve([])));
    socket.connect(path);
    new rpc.Client(socket).call('getMonitorData', {}, (error: Error | null, list: Entry[]) =>
      over(() => (error ? reject(error) : resolve(list))),
    );
  });
  return asked.finally(() => socket.close());
}

function startTime(root: string, pid: number): string {
  return readFileSync(`${root}/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
}
