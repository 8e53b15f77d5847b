import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder of the daemon that `env` selects: PM2_HOME, else ~/.pm2, as PM2 itself decides. */
export function pm2HomeOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.PM2_HOME ? resolve(env.PM2_HOME) : join(homedir(), '.pm2');
}

/** The daemon's two sockets: requests and answers, and the bus that it publishes on. */
export function socketsOf(pm2Home: string): { readonly rpc: string; readonly bus: string } {
  return { rpc: resolve(pm2Home, 'rpc.sock'), bus: resolve(pm2Home, 'pub.sock') };
}

/** Where this package keeps what belongs to one daemon: the watch configuration, state, locks. Mode 0700. */
export function lifeguardFolder(pm2Home: string): string {
  return join(resolve(pm2Home), 'lifeguard');
}

/** What lifeguard watches, as the launcher left it there. Mode 0600: health URLs and channels may hold secrets. */
export function watchConfigFile(pm2Home: string): string {
  return join(lifeguardFolder(pm2Home), 'config.json');
}
