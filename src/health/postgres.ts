import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Client } from 'pg';
import { redactUrls } from '../units/redact-urls.ts';
import { startDeadline } from './deadline.ts';
import type { DependencyAnswer } from './dependency-answer.ts';

export interface PostgresCheck {
  /** null: our own event loop was late, so that the answer says nothing. */
  check(deadlineMs: number): Promise<DependencyAnswer | null>;
  close(): void;
}

interface Connection {
  readonly client: Client;
  readonly socket: Socket;
  broken: boolean;
}

/** One check's hold on what it uses: the deadline ends it by destroying the socket. */
interface Attempt {
  socket: Socket | null;
  over: boolean;
}

/** @param check `postgres://…`, or `postgres+file:///path` of a file that holds such a URL */
export function postgresCheck(check: string): PostgresCheck {
  let kept: Connection | null = null;
  let asked = 0;

  function drop(connection: Connection | null): void {
    connection?.socket.destroy();
    if (kept === connection) kept = null;
  }
  async function roundTrip(attempt: Attempt): Promise<void> {
    if (kept?.broken) drop(kept);
    const before = kept;
    const connection = before ?? (await connect(await urlOf(check), attempt));
    attempt.socket = connection.socket;
    kept = connection;
    asked = (asked + 1) % 1_000_000;
    const number = asked;
    try {
      // A number of this check's own: the answer can't be one that was under way before.
      const { rows } = await connection.client.query<{ asked: number }>(`SELECT ${number} AS asked`);
      if (rows[0]?.asked !== number) throw new Error('it answered another question');
    } catch (error) {
      const lost = connection.broken && !attempt.over;
      drop(connection);
      if (before === null || !lost) throw error;
      await roundTrip(attempt); // Lost since the last check (a restart of the server): ask the server that is there now.
    }
  }
  return {
    check: (deadlineMs) => within(deadlineMs, roundTrip),
    close: () => drop(kept),
  };
}

function within(deadlineMs: number, roundTrip: (attempt: Attempt) => Promise<void>): Promise<DependencyAnswer | null> {
  const attempt: Attempt = { socket: null, over: false };
  return new Promise((resolve) => {
    const cancel = startDeadline(deadlineMs, (late) => {
      attempt.over = true;
      attempt.socket?.destroy();
      resolve(late ? null : { up: false, detail: `no answer within ${deadlineMs} ms` });
    });
    roundTrip(attempt)
      .then(
        () => resolve({ up: true, detail: 'answers' }),
        (error: unknown) => resolve({ up: false, detail: describe(error) }),
      )
      .finally(cancel);
  });
}

async function connect(url: string, attempt: Attempt): Promise<Connection> {
  const { Client } = await import('pg'); // 12 MB that only those pay who check a database.
  if (attempt.over) throw new Error('too late');
  const socket = new Socket();
  attempt.socket = socket;
  const client = new Client({ connectionString: url, application_name: 'pm2-lifeguard', stream: () => socket });
  const connection: Connection = { client, socket, broken: false };
  const lost = () => {
    connection.broken = true;
    socket.destroy();
  };
  // Without a listener a connection that ends while idle would end this process.
  client.on('error', lost).on('end', lost);
  try {
    await client.connect();
    return connection;
  } catch (error) {
    lost();
    throw error;
  }
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

function describe(error: unknown): string {
  const { message, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error), code: undefined };
  // Several addresses that all refuse come as one error without a message.
  return redactUrls(message || code || 'failed').slice(0, 300);
}
