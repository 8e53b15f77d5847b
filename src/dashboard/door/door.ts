import { createServer, type Socket } from 'node:net';
import type { AlarmClock } from '../../clock/clock.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import { addressOf } from '../address.ts';
import type { Answers, PageSetup, Question } from './messages.ts';
import { type PageProcess, startPageProcess } from './page-process.ts';

/** A port that was taken is tried again this often. */
const AGAIN_MS = 60_000;
/** A page that ended at once is not started again before. */
const REST_MS = 10_000;

export interface DoorParts {
  readonly setup: PageSetup;
  /** The program of the page's process, absolute, with what Node is to be told before it. */
  readonly program: { readonly script: string; readonly nodeArgs: readonly string[] };
  readonly env: NodeJS.ProcessEnv;
  readonly clock: AlarmClock;
  readonly ask: (question: Question) => Answers[Question['about']] | Promise<Answers[Question['about']]>;
  /** A line for lifeguard's own log. */
  readonly say: (text: string) => void;
}

export interface Door {
  /** A line of the journal: shown at once, if somebody looks. */
  tell(record: IncidentRecord): void;
  close(): void;
}

/**
 * Holds the page's port, and nothing else: a connection is handed on, unread, to a process that is started for the first one and ends after
 * the last. So a browser, a scraper or somebody who means harm costs lifeguard one accept each. A port that is taken is said and means no page.
 */
export function openDoor(parts: DoorParts): Door {
  const { setup, clock, say } = parts;
  const server = createServer({ pauseOnConnect: true, noDelay: true }, handOn);
  let page: PageProcess | null = null;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let isSaid = false;
  let cancel = () => {};

  function handOn(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (page === null && clock.now() < restsUntil) return void socket.destroy();
    page ??= startPageProcess(parts, (why) => {
      page = null;
      if (why === null) return;
      restsUntil = clock.now() + REST_MS;
      say(`page: its process ${why}`);
    });
    page.receive(socket);
  }

  function listen(): void {
    server.listen({ host: setup.host, port: setup.port, exclusive: true });
  }

  server.on('error', (error: NodeJS.ErrnoException) => {
    if (!isSaid) say(`no page: ${refusal(error, setup)}`);
    isSaid = true;
    cancel = clock.after(AGAIN_MS, listen);
  });
  server.on('listening', () => {
    isSaid = false;
    say(`page: ${addressOf(setup)}`);
  });
  listen();
  return {
    tell: (record) => page?.tell(record),
    close() {
      cancel();
      server.close();
      page?.end();
    },
  };
}

function refusal(error: NodeJS.ErrnoException, { host, port }: PageSetup): string {
  const todo = `Another port: dashboard: { port: ${port + 1} }; none: dashboard: null.`;
  if (error.code === 'EADDRINUSE') return `port ${port} of ${host} is taken; it is tried again every minute. ${todo}`;
  return `cannot listen on port ${port} of ${host} (${error.code ?? error.message}); it is tried again every minute. ${todo}`;
}
