import type { Dashboard } from '../config/resolved.ts';

/** Where a browser finds the page. */
export function addressOf({ host, port }: Pick<Dashboard, 'host' | 'port'>): string {
  const named = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${named}:${port}/`;
}
