import { connect } from 'node:net';
import type { Answer } from '../policy/observation.ts';
import { answerOfError } from './failed.ts';
import type { TcpTarget } from './target.ts';

/** Connects, and that is all. @returns cancels it; nothing is settled after that */
export function attemptTcp(target: TcpTarget, host: string, startedAt: number, settle: (answer: Answer) => void): () => void {
  const socket = connect({ host, port: target.port });
  socket.once('connect', () => {
    const latencyMs = performance.now() - startedAt;
    // A port of the kernel's outgoing range that nobody listens on can be connected to itself.
    const toItself = socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
    settle(toItself ? { kind: 'refused', latencyMs } : accepted(latencyMs));
  });
  socket.on('error', (error) => settle(answerOfError(error, performance.now() - startedAt, target.place)));
  return () => socket.destroy();
}

function accepted(latencyMs: number): Answer {
  return { kind: 'answer', status: 200, latencyMs, retryAfterMs: null, json: null, excerpt: '' };
}
