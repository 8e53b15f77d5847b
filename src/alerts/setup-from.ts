import { createHash } from 'node:crypto';
import type { MessageChannel, WatchConfig } from '../config/resolved.ts';
import { takesNote } from './channels/open.ts';
import type { Setup } from './setup.ts';

const GATHER_MS = 10_000;

/** @param host this machine's name */
export function setupFrom(config: WatchConfig, host: string): Setup {
  return {
    host,
    lifeguard: config.name,
    pageUrl: config.dashboard.url,
    logsDirectory: config.logsDirectory,
    channels: messageChannels(config).map((channel) => ({ name: channel.name, on: channel.on, takesNote: takesNote(channel) })),
    backends: config.backends.map(({ name, policy, dependencies }) => ({
      name,
      maxRestarts: policy.maxRestarts,
      withinMs: policy.withinMs,
      coolDownMs: policy.coolDownMs,
      dependencies: dependencies.map((dependency) => ({ name: dependency.name, id: idOf(dependency.check) })),
    })),
    apps: [...config.backends, ...config.companions].map(({ name }) => name),
    gatherMs: GATHER_MS,
  };
}

export function messageChannels({ alerts }: Pick<WatchConfig, 'alerts'>): MessageChannel[] {
  return alerts.filter((channel) => channel.type !== 'heartbeat');
}

/** Secrets may be in what it is asked by. */
function idOf(check: string): string {
  return createHash('sha256').update(check).digest('hex').slice(0, 12);
}
