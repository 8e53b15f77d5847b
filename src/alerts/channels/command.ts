import { type ChildProcess, spawn } from 'node:child_process';
import type { MessageChannel } from '../../config/resolved.ts';
import { mask } from '../../units/mask.ts';
import { cut } from '../message/clause.ts';
import { type Channel, failed, type Outcome } from './channel.ts';
import { payloadOf } from './payload.ts';

/** Of what it prints. */
const MOST_OUTPUT = 2_000;

/** A program, without a shell; the message comes as JSON on its stdin. `env`: what it inherits. */
export function openCommand(
  { program, args, timeoutMs }: Extract<MessageChannel, { type: 'command' }>,
  env: NodeJS.ProcessEnv,
): Channel {
  return {
    paceMs: 0,
    send(message, { lateMs }) {
      // Its own group, so that what it started ends with it.
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env });
      // A program that does not read its stdin is none of our trouble.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(`${JSON.stringify(payloadOf(message, lateMs))}\n`);
      return outcomeOf(child, program, timeoutMs);
    },
  };
}

function outcomeOf(child: ChildProcess, program: string, timeoutMs: number): Promise<Outcome> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MOST_OUTPUT) output += text.slice(0, MOST_OUTPUT);
    });
  }
  const said = () => {
    const text = cut(mask(output).replace(/\s+/g, ' ').trim(), 200);
    return text === '' ? '' : `: ${text}`;
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      endGroup(child);
      resolve(failed(`it did not end within ${timeoutMs / 1_000} s${said()}`, { maybeReceived: true }));
    }, timeoutMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(
        failed(error.code === 'ENOENT' ? `${program} was not found` : `${program} cannot be run: ${error.code ?? error.message}`),
      );
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      // A moment for the last of its output; what it left running may hold the pipes open.
      setImmediate(() => {
        if (code === 0) return resolve({ ok: true, answer: `exit code 0${said()}` });
        resolve(
          failed(`it ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}${said()}`, { maybeReceived: true }),
        );
      });
    });
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended in this moment
  }
}
