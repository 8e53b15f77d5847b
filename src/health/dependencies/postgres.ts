import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `postgres://…`, or `postgres+file:///path` of a file that holds such a URL */
export function postgresProbe(check: string): DependencyProbe {
  return keptConnection(async (giveUp) => connect(await urlOf(check), giveUp));
}

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const { Client } = await loadClient(url, () => import('pg')); // 12 MB that only those pay who check a database.
  giveUp.throwIfAborted();
  const socket = new Socket();
  const client = new Client({ connectionString: url, application_name: 'pm2-lifeguard', stream: () => socket });
  let broken = false;
  let asked = 0;
  const lost = () => {
    broken = true;
    socket.destroy();
  };
  // Without a listener a connection that ends while idle would end this process.
  client.on('error', lost).on('end', lost);
  giveUp.addEventListener('abort', lost);
  try {
    await client.connect();
  } catch (error) {
    lost();
    throw error;
  }
  return {
    async ask() {
      asked = (asked + 1) % 1_000_000;
      const number = asked;
      // A number of this check's own: the answer can't be one that was under way before.
      const { rows } = await client.query<{ asked: number }>(`SELECT ${number} AS asked`);
      if (rows[0]?.asked !== number) throw new Error('it answered another question');
      return null;
    },
    isBroken: () => broken,
    destroy: lost,
  };
}

async function urlOf(check: string): Promise<string> {
  if (!check.startsWith('postgres+file:')) return withoutDriver(check);
  const file = new URL(check.replace('postgres+', ''));
  const url = (
    await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new Error(`${file.pathname}, which is to say where it is, is not there (yet)`) : error;
    })
  ).trim();
  if (!/^postgres(ql)?(\+\w+)?:\/\//.test(url)) throw new Error(`${check} holds no postgres:// URL`);
  return withoutDriver(url);
}

/** SQLAlchemy names its driver in the scheme: postgresql+asyncpg://. */
function withoutDriver(url: string): string {
  return url.replace(/^(postgres(?:ql)?)\+\w+:/, '$1:');
}
