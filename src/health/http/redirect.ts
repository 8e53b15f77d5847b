import type { HttpTarget } from './target.ts';

/** Where a redirect leads: to a path of the same server, or elsewhere, as far as it may be shown. */
export type Redirect = { readonly path: string } | { readonly elsewhere: string };

const MAX_SHOWN = 100;

/**
 * As the kubelet does it, a redirect to the same host and port is followed. What the server calls itself counts too: the Host header that
 * it was sent.
 * @param location the header's value, null: there is none. A relative one starts at the server's root
 */
export function redirectOf({ kind, place, names }: HttpTarget, location: string | null): Redirect {
  const scheme = kind === 'https' ? 'https:' : 'http:';
  const base = `${scheme}//${kind === 'unix' ? 'localhost' : place}`;
  if (location === null || !URL.canParse(location, base)) return { elsewhere: 'nowhere: its Location is no URL' };
  const url = new URL(location, base);
  if (url.protocol === scheme && names.includes(url.host)) return { path: `${url.pathname}${url.search}` };
  return { elsewhere: `${url.origin === 'null' ? url.protocol : url.origin}${url.pathname}`.slice(0, MAX_SHOWN) };
}
