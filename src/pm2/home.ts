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

/** The file in which the daemon's pid stands. */
export function pidFileOf(pm2Home: string): string {
  return join(pm2Home, 'pm2.pid');
}

/** Where this package keeps what belongs to one daemon: the lock of a start, and a folder for each lifeguard. Mode 0700. */
export function lifeguardFolder(pm2Home: string): string {
  return join(resolve(pm2Home), 'lifeguard');
}

/** What belongs to the lifeguard of this name: its configuration, its state. Mode 0700. */
export function folderOf(pm2Home: string, lifeguard: string): string {
  return join(lifeguardFolder(pm2Home), lifeguard);
}

/** What the page draws: a small file for each backend, 30 days of it. Mode 0700. */
export function historyFolder(pm2Home: string, lifeguard: string): string {
  return join(folderOf(pm2Home, lifeguard), 'history');
}

/** Where a lifeguard tells people from: its plan, the queues of its channels, and which of them have been proven. Mode 0700. */
export function alertsFolder(pm2Home: string, lifeguard: string): string {
  return join(folderOf(pm2Home, lifeguard), 'alerts');
}
