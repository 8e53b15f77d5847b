import { resolveCommand } from './command-line.ts';
import type { AlertChannel } from './resolved.ts';
import type { Ecosystem } from './schema/schema.ts';

type Written = Ecosystem['alerts'][number];

/**
 * The channels, each with a name: its own, or its type, with a number where that is taken.
 * @param absolute of the channel at this index, a path that its command names
 */
export function resolveChannels(channels: readonly Written[], absolute: (index: number, path: string) => string): AlertChannel[] {
  const taken = new Set(channels.flatMap(({ name }) => name ?? []));
  return channels.map((channel, index) => {
    const name = channel.name ?? freeName(channel.type, taken);
    taken.add(name);
    return resolveChannel(channel, name, (path) => absolute(index, path));
  });
}

function freeName(type: string, taken: ReadonlySet<string>): string {
  if (!taken.has(type)) return type;
  let number = 2;
  while (taken.has(`${type}-${number}`)) number += 1;
  return `${type}-${number}`;
}

function resolveChannel(channel: Written, name: string, absolute: (path: string) => string): AlertChannel {
  switch (channel.type) {
    case 'command': {
      const { type, command, timeout, on } = channel;
      return { type, name, on, ...resolveCommand(command, absolute), timeoutMs: timeout };
    }
    case 'pagerduty': {
      const { type, routing_key, url, on } = channel;
      return { type, name, on, routingKey: routing_key, url };
    }
    case 'heartbeat': {
      const { type, url, every } = channel;
      return { type, name, url, everyMs: every };
    }
    default:
      return { ...channel, name };
  }
}
