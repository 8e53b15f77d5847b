import { isLoopback } from '../http/target.ts';
import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `amqp://…` or `amqps://…`, with user, password and virtual host */
export function amqpProbe(check: string): DependencyProbe {
  return keptConnection((giveUp) => connect(check, giveUp));
}

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const amqp = await loadClient(url, () => import('amqplib'));
  giveUp.throwIfAborted();
  // Its own way to close waits for the server.
  const life = new AbortController();
  giveUp.addEventListener('abort', () => life.abort());
  const socket = { signal: life.signal, rejectUnauthorized: !isLoopback(new URL(url).hostname) };
  const connection = await amqp.connect(url, { clientProperties: { connection_name: 'pm2-lifeguard' }, ...socket });
  let broken = false;
  let blocked: string | null = null;
  const lost = () => {
    broken = true;
    life.abort();
  };
  connection.on('error', lost).on('close', lost);
  connection.on('blocked', (reason: string) => {
    blocked = reason;
  });
  connection.on('unblocked', () => {
    blocked = null;
  });
  return {
    async ask() {
      // The server answers twice: that it opened the channel, and that it closed it.
      const channel = await connection.createChannel();
      await channel.close();
      return blocked === null ? null : `it blocks those who publish: ${blocked}`;
    },
    isBroken: () => broken,
    destroy: lost,
  };
}
