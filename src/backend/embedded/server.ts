import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from './binaries.ts';
import { environment } from './cluster.ts';
import { postmasterPid, postmasterStatus } from './leftovers.ts';
import type { Place } from './place.ts';

/** Recovery after a crash can take long, but not for ever. */
const READY_WITHIN_MS = 120_000;

export interface Server {
  readonly process: ChildProcess;
  /** Resolves when it takes connections. Rejects when it ends before that, with its last words. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>;
}

/** Starts PostgreSQL on 127.0.0.1 alone. */
export function startServer(place: Place, port: number, say: (line: string) => void): Server {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=32MB', 'logging_collector=off'];
  const child = spawn(
    program(place.binaries, 'postgres'),
    ['-D', place.cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...place.account, cwd: place.cluster, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      say(line);
      last.splice(0, last.length - 4);
      last.push(line);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`));
  });
  const early = ended.then((how) => {
    throw new Error(`PostgreSQL ended before it was ready (${how}): ${last.join(' | ')}`);
  });
  return { process: child, ended, ready: Promise.race([untilReady(place.cluster, child), early]) };
}

/** The server says in its pid file how far it is. */
async function untilReady(cluster: string, { pid }: ChildProcess): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  while (postmasterPid(cluster) !== pid || postmasterStatus(cluster) !== 'ready') {
    if (performance.now() > end) throw new Error(`PostgreSQL is not ready after ${READY_WITHIN_MS} ms`);
    await sleep(20);
  }
}

/** @throws Error when somebody else listens there. */
export async function mustBeFree(port: number): Promise<void> {
  const trial = createServer().listen(port, '127.0.0.1');
  try {
    await once(trial, 'listening');
  } catch (cause) {
    throw new Error(`port ${port} on 127.0.0.1 is taken (EADDRINUSE): free it, or set EMBEDDED_DATABASE_PORT to another`, {
      cause,
    });
  }
  trial.close();
  await once(trial, 'close');
}
