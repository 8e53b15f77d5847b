import { LifeguardError } from '../../errors/lifeguard-error.ts';
import type { Incident } from '../../incidents/incident.ts';

/**
 * The incident that is called so: `api-12`, `last`, or a number alone where it can only be one.
 * @throws LifeguardError `usage`
 */
export function incidentCalled(incidents: readonly Incident[], called: string): Incident {
  if (called === 'last') {
    const last = incidents.at(-1);
    if (last) return last;
  }
  const fitting = incidents.filter(({ id, backend }) => id === called || id === `${backend}-${called}`);
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const known = (fitting.length > 0 ? fitting : incidents).slice(-5).map(({ id }) => id);
  throw new LifeguardError('usage', fitting.length > 0 ? `${called} may be several` : `there is no incident ${called}`, {
    hint:
      known.length > 0 ? `The last ones are ${known.reverse().join(', ')}; lifeguard incidents lists all.` : 'None is recorded.',
  });
}
