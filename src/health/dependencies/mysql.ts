import { Socket } from 'node:net';
import type { Connection as Mysql, RowDataPacket } from 'mysql2';
import { loadClient } from './clients.ts';
import { type Connection, type DependencyProbe, keptConnection } from './kept-connection.ts';

/** @param check `mysql://…` or `mariadb://…`, also with a driver's name as SQLAlchemy writes it: `mysql+pymysql://…` */
export function mysqlProbe(check: string): DependencyProbe {
  const url = check.replace(/^(?:mysql|mariadb)(?:\+\w+)?:/, 'mysql:');
  return keptConnection((giveUp) => connect(url, giveUp));
}

async function connect(url: string, giveUp: AbortSignal): Promise<Connection> {
  const { createConnection } = await loadClient(url, () => import('mysql2'));
  giveUp.throwIfAborted();
  // A socket of our own: the client's way to destroy a connection waits for the server to agree.
  const socket = new Socket();
  const open = ({ config }: { config: { host: string; port: number; socketPath?: string } }) => {
    const { host, port, socketPath } = config;
    return socketPath === undefined ? socket.connect(port, host) : socket.connect(socketPath);
  };
  const connection = createConnection({ uri: url, stream: open, connectAttributes: { program_name: 'pm2-lifeguard' } });
  let broken = false;
  const lost = () => {
    broken = true;
    connection.destroy();
    socket.destroy();
  };
  connection.on('error', lost).on('end', lost);
  let asked = 0;
  try {
    await orGivenUp(giveUp, lost, (done) => connection.connect(done));
  } catch (error) {
    lost();
    throw error;
  }
  return {
    async ask() {
      asked = (asked + 1) % 1_000_000;
      if ((await select(connection, asked)) !== asked) throw new Error('it answered another question');
      return null;
    },
    isBroken: () => broken,
    destroy: lost,
  };
}

function select(connection: Mysql, number: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(`SELECT ${number} AS asked`, (error, rows) =>
      error ? reject(error) : resolve(rows[0]?.asked),
    );
  });
}

/** Its callback never comes once the connection is destroyed. */
function orGivenUp(giveUp: AbortSignal, end: () => void, begin: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    giveUp.addEventListener('abort', () => {
      end();
      reject(new Error('given up'));
    });
    begin((error) => (error ? reject(error) : resolve()));
  });
}
