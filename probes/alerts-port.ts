import type { Alerts, AlertsParts } from './alerting.ts';

/** null: none are configured, or they cannot be had, which is said: the backends are looked after all the same. */
export async function alertsOf(parts: AlertsParts): Promise<Alerts | null> {
  if (parts.config.alerts.length === 0) return null;
  try {
    return (await import('./alerting.ts')).openAlerts(parts);
  } catch (error) {
    parts.log(`alerts: nobody is told anything: ${error instanceof Error ? error.stack : String(error)}`);
    return null;
  }
}

/** Somebody takes note of an alert. @throws Error when none is open under this name, with those that are */
export function acknowledge(alerts: Alerts | null, id: string | undefined) {
  if (alerts === null) throw new Error('no alerts are configured');
  const { acknowledged, open } = alerts.acknowledge(id ?? '');
  if (acknowledged.length > 0) return { acknowledged };
  const known = open.length === 0 ? 'no alert is open' : `open are: ${open.join(', ')}`;
  throw new Error(id === undefined ? `which alert? ${known}` : `no open alert is called ${id}; ${known}`);
}
