import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchConfig } from '../../config/resolved.ts';
import { LifeguardError } from '../../errors/lifeguard-error.ts';
import { MARKER } from '../../host/orphans/marker.ts';
import { replaceFile } from '../../host/replace-file.ts';
import { folderOf, lifeguardFolder } from '../home.ts';
import type { Pm2Process } from '../types.ts';

/** The variable by which lifeguard's declaration names its configuration: the DIGEST of config-DIGEST.json. */
export const CONFIG_DIGEST = 'LIFEGUARD_CONFIG_DIGEST';

/** Changes whenever the configuration does, so that lifeguard is restarted then. */
export function digestOf(config: WatchConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
}

/** Hands lifeguard its configuration: whole or not at all, readable by this user alone. @returns its digest */
export function writeConfig(pm2Home: string, config: WatchConfig): string {
  const folder = folderOf(pm2Home, config.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const each of [lifeguardFolder(pm2Home), folder]) chmodSync(each, 0o700);
  const digest = digestOf(config);
  replaceFile(join(folder, nameOf(digest)), `${JSON.stringify(config, null, 2)}\n`, { flush: true });
  return digest;
}

/** The configuration that a lifeguard of this name was declared with; null if it is not there or cannot be read. */
export function readConfig(pm2Home: string, lifeguard: string, digest: string): WatchConfig | null {
  return parsed(join(folderOf(pm2Home, lifeguard), nameOf(digest))) ?? configBefore(pm2Home, digest);
}

/**
 * The configuration that this lifeguard was declared with, by its own environment.
 * @throws LifeguardError `no-configuration` when it is not there
 */
export function ownConfig(pm2Home: string, env: Readonly<Record<string, string | undefined>>): WatchConfig {
  const digest = env[CONFIG_DIGEST] ?? '';
  const config = readConfig(pm2Home, env[MARKER] ?? '', digest);
  if (config) return config;
  throw new LifeguardError('no-configuration', `the configuration ${digest} that it was started with is not there any more`, {
    hint: 'Start it from the ecosystem file: lifeguard start',
  });
}

/**
 * What the lifeguard of an ecosystem file goes by, or went by when it was last there; null: nothing is known.
 * `watcher`: its entry in PM2's list, if it has one.
 */
export function configOf(pm2Home: string, owner: string, watcher: Pm2Process | undefined): WatchConfig | null {
  const digest = watcher && digestIn(watcher.env);
  if (digest) return readConfig(pm2Home, watcher.name, digest);
  const files = lifeguardsIn(pm2Home).flatMap((name) => configFiles(pm2Home, name));
  const newestFirst = files.sort((a, b) => b.writtenAt - a.writtenAt).map(({ file }) => parsed(file));
  return newestFirst.find((config) => config?.owner === owner) ?? null;
}

/** Which configuration an app in PM2's list or dump was declared with; null: it is no lifeguard. */
export function digestIn(env: Readonly<Record<string, unknown>>): string | null {
  const digest = env[CONFIG_DIGEST];
  return typeof digest === 'string' ? digest : null;
}

/** Removes all configurations of this lifeguard but those that something may still be started with. */
export function removeConfigs(pm2Home: string, lifeguard: string, inUse: ReadonlySet<string>): void {
  for (const { file, digest } of configFiles(pm2Home, lifeguard)) if (!inUse.has(digest)) rmSync(file, { force: true });
}

function nameOf(digest: string): string {
  return `config-${digest}.json`;
}

function lifeguardsIn(pm2Home: string): string[] {
  try {
    return readdirSync(lifeguardFolder(pm2Home));
  } catch {
    return [];
  }
}

function configFiles(pm2Home: string, lifeguard: string): { file: string; digest: string; writtenAt: number }[] {
  const folder = folderOf(pm2Home, lifeguard);
  try {
    return readdirSync(folder).flatMap((name) => {
      const digest = /^config-([0-9a-f]+)\.json$/.exec(name)?.[1];
      const file = join(folder, name);
      return digest === undefined ? [] : [{ file, digest, writtenAt: statSync(file).mtimeMs }];
    });
  } catch {
    return [];
  }
}

function parsed(file: string): WatchConfig | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WatchConfig;
  } catch {
    return null;
  }
}

/** Version 0.1.0 had one file for one lifeguard: an app that was saved then is declared with its digest. */
function configBefore(pm2Home: string, digest: string): WatchConfig | null {
  const config = parsed(join(lifeguardFolder(pm2Home), 'config.json'));
  if (config === null || digestOf(config) !== digest) return null;
  const [owner = ''] = config.files;
  return { ...config, name: 'lifeguard', owner, journal: join(config.logsDirectory, 'incidents.jsonl') };
}
