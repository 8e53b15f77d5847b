import type { FastifyInstance } from 'fastify';
import type { BackendConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import { routePosts } from '../posts/routes.ts';
import { problemSchema } from './errors.ts';
import { routeHealth } from './health.ts';

/** All that the OpenAPI document describes. */
export function routeApi(app: FastifyInstance, config: BackendConfig, database: Database): void {
  app.addSchema(problemSchema);
  app.get('/', { schema: { summary: 'What is here' } }, async () => ({
    name: 'reference-backend',
    api_version: config.apiVersion,
    links: { health: '/health', api_health: '/api/health', posts: '/api/posts', docs: '/docs', live: '/ws' },
  }));
  routeHealth(app, database, config);
  routePosts(app, database);
}
