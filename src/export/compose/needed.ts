import { dnsLabel } from '../dns-label.ts';
import { isLoopback } from '../endpoint.ts';
import type { Subject } from '../subject.ts';
import type { ComposeService } from './compose-file.ts';

/** A service that a backend depends on and that runs on this machine today: inside a container 127.0.0.1 is somewhere else. */
export interface Needed {
  /** The service's name, and so its host name. */
  readonly name: string;
  readonly port: number;
  /** Without secrets; null: no image is known for it, it is told as a note. */
  readonly service: ComposeService | null;
}

const HEALTHCHECK = { interval: '2s', timeout: '5s', retries: 15, start_period: '30s' } as const;

/** The dependencies of a backend on this machine's loopback. Those elsewhere are reached from a container as they are. */
export function neededBy({ backend: { dependencies } }: Subject): readonly Needed[] {
  return dependencies.flatMap(({ name, check }) => {
    const url = urlOf(check);
    if (url === null || !isLoopback(url.hostname)) return [];
    const scheme = url.protocol.replace(/[:+].*/, '');
    const service = name.match(/^[a-zA-Z0-9._-]+$/) ? name : dnsLabel(name);
    return [{ name: service, port: Number(url.port) || PORTS[scheme] || 0, service: imageFor(scheme, url, service) }];
  });
}

const PORTS: Readonly<Record<string, number>> = { postgres: 5432, postgresql: 5432, redis: 6379 };

function imageFor(scheme: string, url: URL, name: string): ComposeService | null {
  if (scheme === 'postgres' || scheme === 'postgresql') {
    const user = decodeURIComponent(url.username) || 'postgres';
    const database = decodeURIComponent(url.pathname.slice(1)) || user;
    return {
      image: 'postgres:17-alpine',
      environment: {
        POSTGRES_USER: user,
        POSTGRES_DB: database,
        POSTGRES_PASSWORD: '${POSTGRES_PASSWORD:?the password of the database}',
      },
      volumes: [`${name}:/var/lib/postgresql/data`],
      healthcheck: { test: ['CMD', 'pg_isready', '-U', user, '-d', database], ...HEALTHCHECK },
      restart: 'unless-stopped',
      stop_signal: 'SIGINT',
      stop_grace_period: '1m',
    };
  }
  if (scheme === 'redis')
    return {
      image: 'redis:7-alpine',
      volumes: [`${name}:/data`],
      healthcheck: { test: ['CMD', 'redis-cli', 'ping'], ...HEALTHCHECK },
      restart: 'unless-stopped',
    };
  return null;
}

/** `postgres+file:` and what is no URL: nothing is known of where it is. */
function urlOf(check: string): URL | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(check) || check.startsWith('postgres+file:')) return null;
  try {
    // Special schemes alone have a host name that is normalised; for the others it is taken as it stands.
    return new URL(check);
  } catch {
    return null;
  }
}
