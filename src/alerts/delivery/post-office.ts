import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlarmClock } from '../../clock/clock.ts';
import type { MessageChannel } from '../../config/resolved.ts';
import { openChannel } from '../channels/open.ts';
import type { Notification } from '../planning/turns.ts';
import type { Disk } from './disk.ts';
import { type ChannelNews, type Outbox, type OutboxFacts, openOutbox } from './outbox.ts';
import { queueFile } from './proof.ts';
import type { RetryPolicy } from './retry.ts';

/** All channels, each with a queue of its own. */
export interface PostOffice {
  /** Resolves when all of it is in the queues on disk. What is there already, by its key, is not taken twice. */
  post(notifications: readonly Notification[]): Promise<void>;
  /** By channel, in the order of the configuration. */
  facts(): readonly ({ readonly name: string } & OutboxFacts)[];
  stop(): void;
}

export interface PostOfficeParts {
  readonly channels: readonly MessageChannel[];
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: AlarmClock;
  readonly retries: RetryPolicy;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (text: string) => void;
  readonly news: ChannelNews;
}

/** Takes up the queues that a predecessor left, and begins to send. */
export async function openPostOffice(parts: PostOfficeParts): Promise<PostOffice> {
  const { channels, folder, disk, env } = parts;
  const outboxes = await Promise.all(
    channels.map(async (config) => {
      const channel = await openChannel(config, env);
      const file = queueFile(folder, config.name);
      return openOutbox({ ...parts, name: config.name, channel, file, disk, random: Math.random });
    }),
  );
  await forgetOthers(parts, outboxes);
  return {
    async post(notifications) {
      await Promise.all(
        outboxes.map((outbox) => {
          const messages = notifications.flatMap(({ channels: to, message }) => (to.includes(outbox.name) ? [message] : []));
          return messages.length === 0 ? null : outbox.add(messages);
        }),
      );
    },
    facts: () => outboxes.map((outbox) => ({ name: outbox.name, ...outbox.facts() })),
    stop() {
      for (const outbox of outboxes) outbox.stop();
    },
  };
}

/** Queues of channels that are configured no more. */
async function forgetOthers({ folder, say }: PostOfficeParts, outboxes: readonly Outbox[]): Promise<void> {
  const known = new Set(outboxes.map(({ name }) => queueFile(folder, name)));
  const files = await readdir(folder).catch(() => []);
  for (const file of files.filter((name) => /^queue-.*\.json$/.test(name)).map((name) => join(folder, name))) {
    if (known.has(file)) continue;
    say(`alerts: ${file} belongs to no channel any more and is removed`);
    await rm(file, { force: true });
  }
}
