import type { Facts } from '../facts.ts';

/** In the order in which the backends first appear. */
export function byBackend(incidents: Facts['incidents']): [string, Facts['incidents']][] {
  const names = [...new Set(incidents.map(({ backend }) => backend))];
  return names.map((name) => [name, incidents.filter(({ backend }) => backend === name)]);
}
