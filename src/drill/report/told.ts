import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { queueFile } from '../../alerts/delivery/proof.ts';
import type { Queue } from '../../alerts/delivery/queue.ts';
import { isPlan } from '../../alerts/saved-plan.ts';

/** What became of the alerts about a drill, over one channel. */
export interface Told {
  readonly channel: string;
  /** `delivered`: its first message was taken; `queued`: not tried yet, or being tried; `failed`: tried, and tried again later. */
  readonly how: 'delivered' | 'queued' | 'failed';
}

/**
 * Whether word of these incidents of a backend went out, from what lifeguard keeps of it on disk. Empty: nobody was told of any of them.
 * `gathering`: it is about to be told, with what else goes bad meanwhile.
 */
export function toldOf(
  folder: string,
  channels: readonly string[],
  backend: string,
  incidents: ReadonlySet<number>,
): Told[] | 'gathering' {
  const isOurs = (key: string) =>
    key.startsWith(`${backend}-flapping-`) || [...incidents].some((number) => key.startsWith(`${backend}-${number}-`));
  const told = channels.flatMap((channel): Told[] => {
    const queue = readJson(queueFile(folder, channel)) as Queue | null;
    if (queue?.done.some(isOurs)) return [{ channel, how: 'delivered' }];
    const entry = queue?.entries.find(({ message }) => isOurs(message.key));
    return entry === undefined ? [] : [{ channel, how: entry.tries > 0 && !entry.isTrying ? 'failed' : 'queued' }];
  });
  return told.length === 0 && isGathered(folder, isOurs) ? 'gathering' : told;
}

function isGathered(folder: string, isOurs: (key: string) => boolean): boolean {
  const plan = readJson(join(folder, 'plan.json'));
  return isPlan(plan) && plan.state.alerts.some(({ phase, key }) => phase === 'gathering' && isOurs(`${key}/`));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    return null; // none was sent yet
  }
}

/** What became of an alert, in a few words. `null`: no channel is configured. */
export function alertWords(alert: Told[] | 'gathering' | null): string {
  if (alert === null) return 'no channel';
  if (alert === 'gathering') return 'within 10 s';
  if (alert.length === 0) return 'none due';
  const words = ['delivered', 'queued', 'failed'] as const;
  return words
    .flatMap((how) => {
      const names = alert.filter((told) => told.how === how).map(({ channel }) => channel);
      return names.length === 0
        ? []
        : [how === 'delivered' && names.length === alert.length ? how : `${how}: ${names.join(' ')}`];
    })
    .join(', ');
}
