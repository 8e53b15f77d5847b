import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `mongodb://…` or `mongodb+srv://…`. A replica set answers when it has a primary */
export function mongodbProbe(check: string): DependencyProbe {
  return keptConnection((giveUp) => connect(check, giveUp));
}

/**
 * How long the client looks for a server before it says why there is none; within lifeguard's own 2 s. It also bounds how long a socket lives on
 * that it was connecting when it was closed.
 */
const PATIENCE_MS = 1_500;

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const { MongoClient } = await loadClient(url, () => import('mongodb'));
  giveUp.throwIfAborted();
  const client = new MongoClient(url, {
    appName: 'pm2-lifeguard',
    maxPoolSize: 1,
    serverSelectionTimeoutMS: PATIENCE_MS,
    connectTimeoutMS: PATIENCE_MS,
  });
  let broken = false;
  const lost = () => {
    broken = true;
    void client.close(true).catch(() => {});
  };
  client.on('error', lost);
  giveUp.addEventListener('abort', lost);
  try {
    await client.connect();
  } catch (error) {
    lost();
    throw error;
  }
  return {
    async ask() {
      await client.db('admin').command({ ping: 1 });
      return null;
    },
    isBroken: () => broken,
    destroy: lost,
  };
}
