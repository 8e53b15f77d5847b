import type { Host } from '../../src/host/host.ts';
import { linuxHost } from '../../src/host/linux/linux-host.ts';
import { portableHost } from '../../src/host/portable/portable-host.ts';

/** Both makings of the host port: what holds for one holds for the other. */
export const HOSTS: readonly (readonly [name: string, host: Host])[] = [
  ['/proc', linuxHost()],
  ['ps and lsof', portableHost()],
];
