import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Answer } from '../../policy/observation.ts';
import type { Check } from '../open-check.ts';
import { Silence } from './silence.ts';

/** A backend that writes without end is read no more often than so. */
const REST_MS = 100;

/**
 * A heartbeat by a socket file, which is listened at from now on: any byte that is written there is a beat. A connection may be kept or be
 * made anew for each. Only this user's processes can reach it.
 */
export function beatListener(path: string, pace: { withinMs: number; everyMs: number }): Check {
  const silence = new Silence(pace);
  const sockets = new Set<Socket>();
  let deaf: string | null = null;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      silence.beat();
      socket.pause();
      setTimeout(() => socket.resume(), REST_MS).unref();
    });
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    deaf = error.code ?? error.message;
  });
  try {
    listen(server, path);
  } catch (error) {
    deaf = error instanceof Error ? error.message : String(error);
  }
  return {
    isPaced: true,
    async ask(_deadlineMs, incarnation): Promise<Answer> {
      if (deaf !== null) return { kind: 'misdirected', detail: `cannot hear its heartbeats at ${path} (${deaf})` };
      const now = performance.now();
      silence.begin(incarnation, now);
      return silence.look(now);
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** @throws Error when its folder is not this user's alone, or something else is in the way */
function listen(server: Server, path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0) throw new Error(`others may write to ${folder}`);
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSocket()) throw new Error('something else is there');
  rmSync(path, { force: true }); // That of a lifeguard before this one, which nobody hears any more.
  server.listen(path, () => chmodSync(path, 0o600)).unref();
}
