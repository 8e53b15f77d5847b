/** What lifeguard is called in PM2 where nothing else is said. */
export const LIFEGUARD = 'lifeguard';

/** The name of the embedded database that belongs to this lifeguard: of several projects in one PM2 each has its own. */
export function databaseOf(lifeguard: string): string {
  return lifeguard === LIFEGUARD ? 'database' : `${lifeguard}-database`;
}
