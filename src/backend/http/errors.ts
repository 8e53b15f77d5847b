import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance } from 'fastify';
import { DatabaseUnavailable, sqlState } from '../database/failure.ts';

/** Of every answer that is an error, for the routes' schemas to refer to. */
export const problemSchema = {
  $id: 'problem',
  type: 'object',
  properties: { statusCode: { type: 'integer' }, error: { type: 'string' }, message: { type: 'string' } },
};

/**
 * Every answer that is an error, as JSON `{statusCode, error, message}`: 503 with Retry-After when the database is to blame, 4xx
 * with what is wrong with the request, 500 for all else, whose stack is logged and not shown. CORS headers stay as they were set.
 */
export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send(problem(404, `nothing at ${request.method} ${request.url.split('?')[0]}`));
  });
  app.setErrorHandler((error: FastifyError | DatabaseUnavailable, request, reply) => {
    if (error instanceof DatabaseUnavailable) {
      reply.header('retry-after', Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
      return reply.code(503).send(problem(503, error.message));
    }
    const status = statusOf(error);
    if (status < 500) return reply.code(status).send(problem(status, error.message));
    request.log.error({ err: error, method: request.method, url: request.url }, 'unhandled error');
    return reply.code(status).send(problem(status, 'something went wrong here; it has been logged'));
  });
}

function statusOf(error: FastifyError): number {
  // SQLSTATE class 22: the data is at fault (a number out of range, text that is no UTF-8).
  if (sqlState(error)?.startsWith('22')) return 400;
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 600 ? status : 500;
}

function problem(statusCode: number, message: string): { statusCode: number; error: string; message: string } {
  return { statusCode, error: STATUS_CODES[statusCode] ?? 'Error', message };
}
