import type { ConnectionOptions } from 'node:tls';
import type { Redis } from 'ioredis';
import { isLoopback } from '../http/target.ts';
import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `redis://…` or `rediss://…`, with user, password and database. While it loads its data it is down */
export function redisProbe(check: string): DependencyProbe {
  return keptConnection((giveUp) => connect(check, giveUp));
}

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const { Redis } = await loadClient(url, () => import('ioredis'));
  giveUp.throwIfAborted();
  const { hostname, protocol } = new URL(url);
  const tls: ConnectionOptions = { rejectUnauthorized: !isLoopback(hostname) };
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null, // A connection that is lost is made anew at the next check.
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectionName: 'pm2-lifeguard',
    ...(protocol === 'rediss:' ? { tls } : {}),
  });
  let failed: Error | null = null;
  redis.on('error', (error) => {
    failed ??= error;
  });
  giveUp.addEventListener('abort', () => redis.disconnect());
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw failed ?? error;
  }
  let asked = 0;
  return {
    async ask() {
      const number = String(++asked);
      // Not ECHO, which is answered while it loads its data.
      const answer = await redis.ping(number).catch((error: Error) => {
        // Of a wrong password the client tells beside the command that it failed.
        throw failed ?? error;
      });
      if (answer !== number) throw new Error('it answered another question');
      return readOnlyRemark(redis);
    },
    isBroken: () => redis.status !== 'ready',
    destroy: () => redis.disconnect(),
  };
}

/** A replica answers, but takes no writes. A user who may not ask for the role is not told. */
async function readOnlyRemark(redis: Redis): Promise<string | null> {
  const [role, host, port] = (await redis.call('ROLE').catch(() => [])) as unknown[];
  return role === 'slave' ? `it is a read-only replica of ${String(host)}:${String(port)}` : null;
}
