import cors from '@fastify/cors';
import { type FastifyInstance, fastify, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { BackendConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import { routeApi } from './api.ts';
import { routeDocs } from './docs.ts';
import { Drain } from './drain.ts';
import { answerErrors } from './errors.ts';
import { routeLive } from './live.ts';

/** The whole HTTP side, not yet listening. Closing it stops listening, finishes what is under way, and then closes the database. */
export async function createServer(config: BackendConfig, database: Database, logger: Logger): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // During a shutdown the requests that still come in are served, not sent away.
    return503OnClosing: false,
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
  }) as unknown as FastifyInstance;
  const drain = new Drain();
  drain.watch(app.server);
  app.addHook('onClose', () => database.close());
  app.addHook('onRequest', (_request, _reply, done) => drain.admit(done));
  app.addHook('onSend', async (_request, reply) => {
    if (drain.draining) reply.header('connection', 'close');
  });
  logRequests(app);
  answerErrors(app);
  if (config.corsOrigins.length > 0) {
    await app.register(cors, { origin: config.corsOrigins.includes('*') ? '*' : [...config.corsOrigins] });
  }
  await routeLive(app, drain);
  routeDocs(app, config, database);
  routeApi(app, config, database);
  return app;
}

/** One line a request, when it was answered. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ method: request.method, url: request.url, status: reply.statusCode, ms }, 'request');
  });
}
