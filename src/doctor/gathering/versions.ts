import { readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { daemonPid } from '../../host/orphans/marker.ts';
import { openSocket, RpcConnection } from '../../pm2/daemon/connection.ts';
import { socketsOf } from '../../pm2/home.ts';
import type { Versions } from '../facts.ts';

const WITHIN_MS = 3_000;

/** Which Node and which PM2 are installed, and which the daemon runs. */
export async function versionsOf(pm2Home: string): Promise<Versions> {
  const file = createRequire(import.meta.url).resolve('pm2/package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return { node: process.version, daemonNode: daemonNode(pm2Home), pm2: version, daemonPm2: await daemonVersion(pm2Home) };
}

function daemonNode(pm2Home: string): string | null {
  const pid = daemonPid(pm2Home);
  try {
    return pid === null ? null : readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

/** null: no daemon answers. */
async function daemonVersion(pm2Home: string): Promise<string | null> {
  try {
    const connection = new RpcConnection(await openSocket(socketsOf(pm2Home).rpc), () => undefined);
    try {
      const version = await connection.call('getVersion', {}, WITHIN_MS);
      return typeof version === 'string' ? version : null;
    } finally {
      connection.close();
    }
  } catch {
    return null;
  }
}
