import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import type { BackendConfig } from '../config.ts';
import type { Database } from '../database/database.ts';
import { routeApi } from './api.ts';

/** A server that never listens: it has the API's routes, to describe them, and the pages. Nothing in them comes from the internet. */
export async function createDocsSite(config: BackendConfig, database: Database): Promise<FastifyInstance> {
  const site = fastify();
  await site.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Reference backend',
        description: 'The backend that pm2-lifeguard keeps alive out of the box.',
        version: config.apiVersion,
      },
      tags: [{ name: 'health' }, { name: 'posts' }],
    },
  });
  await site.register(swaggerUi, { routePrefix: '/docs' });
  routeApi(site, config, database);
  await site.ready();
  return site;
}
