import type { FastifyInstance } from 'fastify';
import type { BackendConfig } from '../config.ts';
import type { Database } from '../database/database.ts';

/** Of the site's own answer, which went over no connection. */
const NOT_PASSED_ON = ['connection', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * `/docs`, a page, and `/docs/json`, the OpenAPI document. They are put together when somebody first asks for them: a quarter of
 * the time to start (0.1 s of processor time), and 8 MB, that a restart need not pay.
 */
export function routeDocs(app: FastifyInstance, config: BackendConfig, database: Database): void {
  let site: Promise<FastifyInstance> | null = null;
  const open = () => import('./docs-site.ts').then(({ createDocsSite }) => createDocsSite(config, database));

  for (const path of ['/docs', '/docs/*']) {
    app.get(path, { schema: { hide: true } }, async (request, reply) => {
      site ??= open().catch((error: unknown) => {
        site = null;
        throw error;
      });
      const { statusCode, headers, rawPayload } = await (await site).inject({ method: 'GET', url: request.url });
      const passedOn = Object.entries(headers).filter(([name]) => !NOT_PASSED_ON.includes(name));
      return reply.code(statusCode).headers(Object.fromEntries(passedOn)).send(rawPayload);
    });
  }
}
