import type { ProjectFolder } from './project-folder.ts';

/** What people call them, the usual name first. */
const LIVENESS = [
  '/health',
  '/healthz',
  '/livez',
  '/live',
  '/api/health',
  '/api/healthz',
  '/ping',
  '/status',
  '/api/status',
  '/api/v1/health',
];
const READINESS = ['/ready', '/readyz', '/readiness', '/health/ready', '/api/ready', '/api/health', '/api/v1/health'];

/** Every path that is asked where a server can be asked. */
export const HEALTH_PATHS = [...new Set([...LIVENESS, ...READINESS])];

export interface HealthRoutes {
  /** `/` where only that is there; null: nothing was found. */
  readonly liveness: string | null;
  /** null: none of its own. */
  readonly readiness: string | null;
}

/** Which of the paths that there are tell of its health. */
export function healthAmong(paths: ReadonlySet<string>): HealthRoutes {
  const liveness = LIVENESS.find((path) => paths.has(path)) ?? READINESS.find((path) => paths.has(path));
  if (liveness === undefined) return { liveness: paths.has('/') ? '/' : null, readiness: null };
  const readiness = READINESS.find((path) => path !== liveness && paths.has(path)) ?? null;
  return { liveness, readiness };
}

/** A route's path as decorators and calls write it: `@app.get("/health")`, `app.get('/health', …)`, `path("health/", …)`. */
const ROUTE =
  /(?:\.(?:get|route|all|use|head|api_route)|\bpath|\bre_path|@Get|@Controller)\(\s*[rf]?["'`]\^?([\w\-./]*)\$?["'`]/g;
const PREFIX = /(?:APIRouter|Blueprint)\([^)]*?(?:url_)?prefix\s*=\s*["']([\w\-./]+)["']/;
/** `include_router(health.router, prefix="/api")`, `app.use('/api', router)`. */
const MOUNT = /(?:include_router\([^)]*?prefix\s*=\s*["']([\w\-./]+)["']|\.use\(\s*["']([\w\-./]+)["'])/g;

/** The routes in the source, as far as they can be read: a router may be mounted below a prefix that is written elsewhere. */
export function routesIn(project: ProjectFolder, files: readonly string[]): Set<string> {
  const texts = files.flatMap((file) => project.read(file) ?? []);
  const mounts = texts.flatMap((text) => [...text.matchAll(MOUNT)].flatMap(([, python, node]) => python ?? node ?? []));
  const routes = new Set<string>();
  for (const text of texts) {
    const [, own = ''] = PREFIX.exec(text) ?? [];
    const isRouter = own !== '' || /\bRouter\(/.test(text);
    for (const [, path = ''] of text.matchAll(ROUTE)) {
      for (const prefix of own !== '' ? [own, ...mounts.map((mount) => mount + own)] : isRouter ? ['', ...mounts] : [''])
        routes.add(plain(`${prefix}/${path}`));
    }
  }
  return routes;
}

function plain(path: string): string {
  const joined = path.replace(/\/+/g, '/').replace(/\/$/, '');
  return joined === '' ? '/' : joined.startsWith('/') ? joined : `/${joined}`;
}
