import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `mongodb://…` or `mongodb+srv://…`. A replica set answers when it has a primary */
export function mongodbProbe(check: string): DependencyProbe {
  return keptConnection((giveUp) => connect(check, giveUp));
}

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const { MongoClient } = await loadClient(url, () => import('mongodb'));
  giveUp.throwIfAborted();
  const client = new MongoClient(url, { appName: 'pm2-lifeguard', maxPoolSize: 1, serverSelectionTimeoutMS: 30_000 });
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
      await client.db('admin').command({ ping: 1 }, { timeoutMS: 30_000 });
      return null;
    },
    isBroken: () => broken,
    destroy: lost,
  };
}
