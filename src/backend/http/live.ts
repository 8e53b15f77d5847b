import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Drain } from './drain.ts';

const HEARTBEAT_MS = 30_000;
/** For the other side to answer the close frame, before its connection is cut. */
const CLOSE_WITHIN_MS = 1_000;
const GOING_AWAY = 1001;

/**
 * `WS /ws`: greets, answers each message with `{type: 'echo', message}`, and drops a peer that leaves two heartbeats unanswered.
 * When the backend shuts down, each socket is closed with 1001.
 */
export async function routeLive(app: FastifyInstance, drain: Drain): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: 64 * 1024 },
    // The last thing before the server stops listening, which it does in the same turn of the event loop.
    preClose: (done) => {
      drain.quiet().then(() => {
        drain.begin();
        for (const socket of app.websocketServer.clients) goAway(socket);
        done();
      }, done);
    },
  });
  app.get('/ws', { websocket: true }, (socket) => {
    if (drain.draining) return goAway(socket);
    keepAlive(socket);
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => say({ type: 'echo', message: data.toString() }));
    say({ type: 'hello', timestamp: new Date().toISOString() });
  });
}

function goAway(socket: WebSocket): void {
  socket.close(GOING_AWAY, 'the server is shutting down');
  setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS).unref();
}

function keepAlive(socket: WebSocket): void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, HEARTBEAT_MS).unref();
  socket.on('close', () => clearInterval(timer));
}
