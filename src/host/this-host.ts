import { LifeguardError } from '../errors/lifeguard-error.ts';
import type { Host } from './host.ts';
import { linuxHost } from './linux/linux-host.ts';
import { portableHost } from './portable/portable-host.ts';

/**
 * The making for this system. `LIFEGUARD_HOST=portable` takes `ps` and `lsof` on Linux too, as the tests do.
 * @throws LifeguardError `usage` for another value
 */
export function thisHost(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Host {
  const asked = environment.LIFEGUARD_HOST || (platform === 'linux' ? 'linux' : 'portable');
  if (asked === 'linux') return linuxHost();
  if (asked === 'portable') return portableHost(platform);
  throw new LifeguardError('usage', `LIFEGUARD_HOST is '${asked}': it may be linux or portable`);
}
