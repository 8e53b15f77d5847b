import type { AlarmClock } from '../../clock/clock.ts';
import { type Channel, failed, type Outcome } from '../channels/channel.ts';
import type { Message } from '../message/message.ts';
import type { Disk } from './disk.ts';
import { delivered, EMPTY_QUEUE, type Entry, enqueue, failedOnce, givenUp, type Queue, takeUp, trying } from './queue.ts';
import { type RetryPolicy, retryAfter } from './retry.ts';

/** Sends one channel's messages, one at a time and in order, for as long as it takes. */
export interface Outbox {
  readonly name: string;
  /** Resolves when they are on disk. One whose key is known is taken once. */
  add(messages: readonly Message[]): Promise<void>;
  facts(): OutboxFacts;
  stop(): void;
}

export interface OutboxFacts {
  readonly waiting: number;
  /** Since lifeguard's start: messages sent, tries that failed, messages given up. */
  readonly sent: number;
  readonly failed: number;
  readonly givenUp: number;
  /** Wall clock, ms; null: the last try went well, or there was none. */
  readonly failingSince: number | null;
  readonly lastAnswer: string | null;
}

/** What somebody should know of a channel. */
export interface ChannelNews {
  onFailing(name: string, since: number, answer: string): void;
  onWorking(name: string): void;
  onSent(name: string, answer: string): void;
  /** A message will not be sent any more. */
  onGivenUp(name: string, message: Message, why: string): void;
}

export interface OutboxParts {
  readonly name: string;
  readonly channel: Channel;
  readonly file: string;
  readonly disk: Disk;
  readonly clock: AlarmClock;
  readonly retries: RetryPolicy;
  readonly news: ChannelNews;
  readonly random: () => number;
}

/** Whatever the wall clock does: no message waits longer for its next try. */
const LONGEST_WAIT_MS = 3_600_000;

/** Takes up what a predecessor left in the file. */
export async function openOutbox(parts: OutboxParts): Promise<Outbox> {
  const { name, channel, file, disk, clock, retries, news, random } = parts;
  const counts = { sent: 0, failed: 0, givenUp: 0 };
  let queue: Queue = takeUp(((await disk.read(file)) as Queue | null) ?? EMPTY_QUEUE);
  let cancel = () => {};
  let isSending = false;
  let isStopped = false;
  let pauseUntil = 0;
  let failingSince: number | null = null;
  let isTold = false;
  let lastAnswer: string | null = null;

  function arm(): void {
    cancel();
    const [first] = queue.entries;
    if (isStopped || isSending || first === undefined) return;
    const waitMs = Math.max(first.nextAt, pauseUntil) - clock.wallNow();
    cancel = clock.after(Math.min(Math.max(0, waitMs), LONGEST_WAIT_MS), () => void sendFirst());
  }

  async function sendFirst(): Promise<void> {
    isSending = true;
    queue = trying(queue);
    await disk.write(file, queue);
    const [entry] = queue.entries;
    if (entry !== undefined && !isStopped) await settle(entry, await attempt(entry));
    isSending = false;
    arm();
  }

  async function attempt({ message, plain }: Entry): Promise<Outcome> {
    const lateMs = Math.max(0, clock.wallNow() - Date.parse(message.at));
    const receipt = queue.receipts[message.thread] ?? null;
    try {
      return await channel.send(message, { lateMs, plain, receipt, deadlineMs: retries.deadlineMs });
    } catch (error) {
      return failed(String(error), { maybeReceived: true });
    }
  }

  async function settle(entry: Entry, outcome: Outcome): Promise<void> {
    const now = clock.wallNow();
    lastAnswer = outcome.answer;
    pauseUntil = now + Math.max(channel.paceMs, outcome.ok ? (outcome.waitMs ?? 0) : 0);
    if (outcome.ok) {
      counts.sent += 1;
      queue = delivered(queue, outcome.receipt ?? null);
      noteWorking();
      news.onSent(name, outcome.answer);
    } else {
      queue = settleFailure(entry, outcome, now);
    }
    await disk.write(file, queue);
  }

  function settleFailure(entry: Entry, outcome: Extract<Outcome, { ok: false }>, now: number): Queue {
    const { message, tries, plain } = entry;
    counts.failed += 1;
    const isTooOld = now - Date.parse(message.at) >= retries.giveUpMs;
    if (isTooOld || (outcome.refused && plain)) {
      counts.givenUp += 1;
      const often = tries === 1 ? 'once' : `${tries} times`;
      news.onGivenUp(name, message, isTooOld ? `it was tried ${often}: ${outcome.answer}` : outcome.answer);
      return givenUp(queue);
    }
    noteFailing(now, outcome.answer);
    const delayMs = outcome.refused ? 0 : retryAfter(tries, retries, random(), outcome.retryAfterMs);
    return failedOnce(queue, { nextAt: now + delayMs, maybeReceived: outcome.maybeReceived, plain: outcome.refused });
  }

  function noteFailing(now: number, answer: string): void {
    failingSince ??= now;
    if (isTold || now - failingSince < retries.failingMs) return;
    isTold = true;
    news.onFailing(name, failingSince, answer);
  }

  function noteWorking(): void {
    failingSince = null;
    if (isTold) news.onWorking(name);
    isTold = false;
  }

  arm();
  return {
    name,
    async add(messages) {
      const now = clock.wallNow();
      for (const message of messages) {
        const added = enqueue(queue, message, now);
        queue = added.queue;
        counts.givenUp += added.lost.length;
        for (const lost of added.lost) news.onGivenUp(name, lost, 'too many messages wait for this channel');
      }
      await disk.write(file, queue);
      arm();
    },
    facts: () => ({ ...counts, waiting: queue.entries.length, failingSince, lastAnswer }),
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
