import { isInstalled } from '../src/host/installed-package.ts';
import type { Dashboard, DashboardParts } from './dashboard.ts';

/** Optional to install: who looks at no page needs none of them. */
const NEEDED = ['fastify', '@fastify/helmet', 'prom-client'];

/** null: none is configured, or it cannot be had, which is said: the backends are looked after all the same. */
export async function dashboardOf(parts: DashboardParts): Promise<Dashboard | null> {
  if (parts.config.dashboard.port === null) return null;
  const missing = NEEDED.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    parts.log(`no page and no /metrics: ${missing.join(', ')} not installed: npm install ${missing.join(' ')}`);
    return null;
  }
  try {
    return (await import('./dashboard.ts')).openDashboard(parts);
  } catch (error) {
    parts.log(`no page: ${error instanceof Error ? error.stack : String(error)}`);
    return null;
  }
}
