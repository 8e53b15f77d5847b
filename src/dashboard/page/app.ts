import { createServer, type Server } from 'node:http';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance } from 'fastify';
import type { Lifeguard } from '../door/asking.ts';
import type { PageSetup } from '../door/messages.ts';
import { serveApi } from './api.ts';
import { serveAssets } from './assets.ts';
import { type Guard, guardOf } from './guard.ts';
import type { Scene } from './scene.ts';

export interface App {
  readonly fastify: FastifyInstance;
  /** Never told to listen: it is given connections. */
  readonly server: Server;
}

export interface AppParts {
  readonly setup: PageSetup;
  readonly lifeguard: Lifeguard;
  readonly scene: Scene;
  readonly onScrape: () => void;
}

/** All that is asked of us is small. */
const BODY_BYTES = 4 * 1024;

export async function buildApp(parts: AppParts): Promise<App> {
  const { server, app } = bare();
  const guard = guardOf(parts.setup, () => performance.now());
  await app.register(helmet, PROTECTION);
  app.addHook('onRequest', guard.ours);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'there is nothing here' }));
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 502;
    return reply.code(status).send({ error: error.message });
  });
  serveMetrics(app, guard, parts);
  serveAssets(app);
  serveApi(app, guard, parts);
  await app.ready();
  return { fastify: app, server };
}

function bare(): { server: Server; app: FastifyInstance } {
  const server = createServer();
  const app = fastify({
    bodyLimit: BODY_BYTES,
    serverFactory(handler) {
      return server.on('request', handler);
    },
  });
  return { server, app };
}

function serveMetrics(app: FastifyInstance, guard: Guard, { lifeguard, onScrape }: AppParts): void {
  app.get('/metrics', { onRequest: guard.reading }, async (_request, reply) => {
    onScrape();
    // Who only looks at the page does not pay for it.
    const { metricsText } = await import('./metrics.ts');
    const { text, contentType } = await metricsText(await lifeguard.ask({ about: 'figures' }));
    return reply.type(contentType).send(text);
  });
}

/** Nothing from elsewhere, nothing inline, in nobody's frame; no markup is ever made from text. */
const PROTECTION = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
    },
  },
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' },
} as const;
