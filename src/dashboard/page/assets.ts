import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../../ecosystem/package-root.ts';

/** Compiled or copied there by the build. */
const FOLDER = join(PACKAGE_ROOT, 'dist/src/dashboard/browser');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

export const SCRIPTS = [
  'app.js',
  'act.js',
  'bars.js',
  'backend-page.js',
  'dom.js',
  'feed.js',
  'incident-page.js',
  'live.js',
  'overview.js',
  'scene.js',
  'shapes.js',
  'words.js',
] as const;

/** The files of the page: no secret in them, so they need no token. Read once, and all of them are small. */
export function serveAssets(app: FastifyInstance): void {
  serve(app, '/', 'index.html');
  for (const file of ['style.css', 'icon.svg']) serve(app, `/${file}`, file);
  for (const file of SCRIPTS) serve(app, `/${file}`, file);
}

function serve(app: FastifyInstance, path: string, file: string): void {
  const content = contentOf(join(FOLDER, file));
  const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  app.get(path, async (_request, reply) => {
    if (content === null)
      return reply.code(503).send({ error: `${file} is not built: npm run build, then npx pm2 restart lifeguard` });
    return reply.type(type).header('cache-control', 'no-cache').send(content);
  });
}

function contentOf(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}
