import { isIP } from 'node:net';
import type { PageSetup } from '../door/messages.ts';

/** Who may be meant by a request, as a browser says it. A name that leads here without being ours is a page of somebody else's (DNS rebinding). */
export interface Addressed {
  /** The Host header. */
  isOurs(host: string | undefined): boolean;
  /** The Origin header: of our own pages, or none (not sent by a browser's script). */
  isFromUs(origin: string | undefined, host: string | undefined): boolean;
}

export function addressed({ machine, host, url }: Pick<PageSetup, 'machine' | 'host' | 'url'>): Addressed {
  const outside = url === null ? null : new URL(url);
  const names = new Set(['localhost', machine.toLowerCase(), host.toLowerCase(), ...(outside ? [outside.hostname] : [])]);

  function isOurs(header: string | undefined): boolean {
    const name = hostnameIn(header);
    // An address cannot be made to lead elsewhere, as a name can.
    return name !== null && (names.has(name) || isIP(name) !== 0);
  }

  return {
    isOurs,
    isFromUs(origin, header) {
      if (origin === undefined) return true;
      if (outside !== null && origin === outside.origin) return true;
      return isOurs(header) && (origin === `http://${header}` || origin === `https://${header}`);
    },
  };
}

/** Whether only this machine itself can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function hostnameIn(header: string | undefined): string | null {
  if (header === undefined || !/^[\w.:[\]-]+$/.test(header)) return null;
  try {
    return new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  } catch {
    return null;
  }
}
