import type { Answer } from '../policy/observation.ts';
import { startDeadline } from './deadline.ts';
import { attemptGrpc } from './grpc/attempt.ts';
import { attemptHttp } from './http/attempt.ts';
import { parseTarget, type Target } from './target.ts';
import { attemptTcp } from './tcp.ts';

/**
 * Asks a backend once and says what came back. Never rejects.
 * One socket at a time (a second one only where `localhost` refuses on 127.0.0.1, and after a redirect), gone when the promise resolves.
 * @param target a URL, or what {@link parseTarget} made of it, see {@link Target}
 * @param deadlineMs over connection, headers and body together; the promise resolves by then (or as soon after as our own event loop allows)
 */
export function checkTarget(target: string | Target, deadlineMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    try {
      begin(typeof target === 'string' ? parseTarget(target) : target, deadlineMs, resolve);
    } catch (error) {
      resolve({ kind: 'void', why: 'own-error', detail: String(error) });
    }
  });
}

function begin(target: Target, deadlineMs: number, resolve: (answer: Answer) => void): void {
  const startedAt = performance.now();
  let done = false;
  let cancelAttempt = () => {};
  const cancelDeadline = startDeadline(deadlineMs, (late) => finish(noAnswer(performance.now() - startedAt, late)));

  function finish(answer: Answer): void {
    if (done) return;
    done = true;
    cancelDeadline();
    cancelAttempt();
    resolve(answer);
  }
  function attempt(host: string, others: readonly string[]): void {
    let settled = false;
    const settle = (answer: Answer) => {
      if (settled) return;
      settled = true;
      const [next, ...rest] = others;
      if (answer.kind === 'refused' && next !== undefined) attempt(next, rest);
      else finish(answer);
    };
    try {
      cancelAttempt = startAttempt(target, host, startedAt, settle);
    } catch (error) {
      finish({ kind: 'void', why: 'own-error', detail: String(error) });
    }
  }
  const [first = '', ...others] = target.hosts;
  attempt(first, others);
}

function startAttempt(target: Target, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  if (target.kind === 'tcp') return attemptTcp(target, host, startedAt, settle);
  if (target.kind === 'grpc') return attemptGrpc(target, host, startedAt, settle);
  return attemptHttp(target, host, startedAt, settle);
}

function noAnswer(latencyMs: number, late: boolean): Answer {
  const detail = `no answer seen after ${Math.round(latencyMs)} ms, most of which our own event loop was held up`;
  return late ? { kind: 'void', why: 'late-event-loop', detail } : { kind: 'timeout', latencyMs };
}
