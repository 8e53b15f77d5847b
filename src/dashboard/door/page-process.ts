import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import type { AlarmClock } from '../../clock/clock.ts';
import type { IncidentRecord } from '../../incidents/journal.ts';
import type { DoorParts } from './door.ts';
import type { FromPage, ToPage } from './messages.ts';

/** From its start until it takes visitors. */
const START_MS = 60_000;
/** So many wait for it at most; others are turned away. */
const WAITING = 64;
/** The young generation's two halves, in MB: it lives on small answers, and 70 MB are all that it is to need. */
const SMALL_HEAP = ['--max-semi-space-size=1'];

export interface PageProcess {
  receive(socket: Socket): void;
  tell(record: IncidentRecord): void;
  end(): void;
}

/**
 * Starts the process that serves the page. @param onEnd is called once, with why it ended in words; null: as it should, nobody was left
 */
export function startPageProcess(parts: DoorParts, onEnd: (why: string | null) => void): PageProcess {
  const { setup, clock } = parts;
  const child = startChild(parts);
  let waiting: Socket[] | null = [];
  let handedOn = 0;
  let isOver = false;
  const cancel = killWhenLate(child, clock, () => waiting !== null);

  function over(why: string | null): void {
    if (isOver) return;
    isOver = true;
    cancel();
    for (const socket of waiting ?? []) socket.destroy();
    waiting = null;
    onEnd(why);
  }

  function send(message: ToPage): void {
    if (child.connected) child.send(message, () => undefined);
  }

  function handOn(socket: Socket): void {
    if (!child.connected) return void socket.destroy();
    handedOn += 1;
    child.send({ type: 'visitor' } satisfies ToPage, socket, { keepOpen: false }, (error) => {
      if (error) socket.destroy();
    });
  }

  function hear(message: FromPage): void {
    switch (message.type) {
      case 'ready': {
        const first = waiting ?? [];
        waiting = null;
        cancel();
        for (const socket of first) handOn(socket);
        return;
      }
      case 'ask':
        void answer(message.id, () => parts.ask(message.question), send);
        return;
      case 'idle':
        if (message.visitors !== handedOn) return;
        over(null);
        send({ type: 'end' });
    }
  }

  child.on('message', (message) => hear(message as FromPage));
  child.on('error', (error) => over(`could not be started: ${error.message}`));
  child.on('exit', (code, signal) => over(`ended (${signal ?? `exit code ${code}`}); the next visitor starts it anew`));
  send({ type: 'setup', setup });
  return {
    receive(socket) {
      if (waiting === null) handOn(socket);
      else if (waiting.length < WAITING) waiting.push(socket);
      else socket.destroy();
    },
    tell: (record) => send({ type: 'record', record }),
    end() {
      over(null);
      child.kill('SIGTERM');
    },
  };
}

function startChild({ program, env }: DoorParts): ChildProcess {
  const child = fork(program.script, [], {
    execArgv: [...program.nodeArgs, ...SMALL_HEAP],
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // Whoever looks must not delay a check.
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It runs as anybody else then.
  }
  return child;
}

function killWhenLate(child: ChildProcess, clock: AlarmClock, isWaiting: () => boolean): () => void {
  return clock.after(START_MS, () => {
    if (isWaiting()) child.kill('SIGKILL');
  });
}

async function answer(id: number, work: () => unknown, send: (message: ToPage) => void): Promise<void> {
  try {
    send({ type: 'answer', id, value: await work() });
  } catch (error) {
    send({ type: 'failed', id, error: error instanceof Error ? error.message : String(error) });
  }
}
