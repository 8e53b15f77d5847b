import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { WatchConfig } from '../../config/resolved.ts';
import { lifeguardFolder, watchConfigFile } from '../home.ts';

/** Changes whenever the configuration does: it is part of lifeguard's declaration, so that lifeguard is restarted then. */
export function digestOf(config: WatchConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
}

/** Hands lifeguard its configuration: whole or not at all, readable by this user alone. */
export function writeWatchConfig(pm2Home: string, config: WatchConfig): void {
  const folder = lifeguardFolder(pm2Home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = watchConfigFile(pm2Home);
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

/** null if there is none or it cannot be read. */
export function readWatchConfig(pm2Home: string): WatchConfig | null {
  try {
    return JSON.parse(readFileSync(watchConfigFile(pm2Home), 'utf8')) as WatchConfig;
  } catch {
    return null;
  }
}

export function removeWatchConfig(pm2Home: string): void {
  rmSync(watchConfigFile(pm2Home), { force: true });
}
