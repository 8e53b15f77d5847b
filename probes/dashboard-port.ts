import type { Dashboard, DashboardParts } from './dashboard.ts';

/** null: none is configured, or it cannot be had, which is said: the backends are looked after all the same. */
export async function dashboardOf(parts: DashboardParts): Promise<Dashboard | null> {
  if (parts.config.dashboard.port === null) return null;
  try {
    return (await import('./dashboard.ts')).openDashboard(parts);
  } catch (error) {
    parts.log(`no page: ${error instanceof Error ? error.stack : String(error)}`);
    return null;
  }
}
