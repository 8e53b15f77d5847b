import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

/** `/docs`, a page that needs nothing from the internet, and `/docs/json`, the OpenAPI document. Before the routes that it describes. */
export async function routeDocs(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Reference backend', description: 'The backend that pm2-lifeguard keeps alive out of the box.', version },
      tags: [{ name: 'health' }, { name: 'posts' }],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', logLevel: 'warn' });
}
