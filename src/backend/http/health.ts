import type { FastifyInstance } from 'fastify';
import type { BackendConfig } from '../config.ts';
import type { Database } from '../database/database.ts';

type Health = 'healthy' | 'unhealthy';

const services = {
  type: 'object',
  required: ['database', 'api'],
  properties: { database: { type: 'string' }, api: { type: 'string' } },
};
const body = (own: string) => ({
  type: 'object',
  required: ['status', own, 'timestamp', 'services'],
  properties: {
    status: { type: 'string', enum: ['healthy', 'degraded'] },
    [own]: { type: 'string' },
    timestamp: { type: 'string', format: 'date-time' },
    services,
  },
});
const schema = (own: string, summary: string) => ({
  tags: ['health'],
  summary,
  response: { 200: body(own), 503: body(own) },
});

/**
 * `/health` and `/api/health`: 200 only if every service answers, else 503. Without Retry-After: that would say that the
 * backend has too much to do, and whoever watches it would wait instead of looking closer.
 */
export function routeHealth(app: FastifyInstance, database: Database, config: BackendConfig): void {
  const quiet = { logLevel: 'silent' } as const;
  app.get('/health', { ...quiet, schema: schema('environment', 'Is it alive, and its services') }, async (_request, reply) =>
    answer(reply, { environment: config.environment }),
  );
  app.get('/api/health', { ...quiet, schema: schema('api_version', 'Can it serve the API') }, async (_request, reply) =>
    answer(reply, { api_version: config.apiVersion }),
  );

  async function answer(reply: { code(status: number): { send(body: unknown): unknown } }, own: Record<string, string>) {
    const state: Health = await database.check().then(
      () => 'healthy',
      () => 'unhealthy',
    );
    const healthy = state === 'healthy';
    return reply.code(healthy ? 200 : 503).send({
      status: healthy ? 'healthy' : 'degraded',
      ...own,
      timestamp: new Date().toISOString(),
      services: { database: state, api: 'healthy' },
    });
  }
}
