import { type AlarmClock, every, sleep } from '../../clock/clock.ts';
import type { Heartbeat } from '../../config/resolved.ts';
import { judge } from '../channels/answer.ts';
import type { Outcome } from '../channels/channel.ts';
import { ask } from '../delivery/http.ts';
import type { ChannelNews } from '../delivery/outbox.ts';

const DEADLINE_MS = 10_000;
/** A ping that fails is tried again so often, this long after. */
const TRIES = 3;
const AGAIN_MS = 5_000;
/** It is told of as failing after this. */
const FAILING_MS = 120_000;

/** healthchecks.io's conventions: the plain URL for all is well, `/start` and `/fail` below it. */
export type Signal = 'start' | 'well' | 'fail';

export interface HeartbeatParts {
  readonly config: Heartbeat;
  readonly clock: AlarmClock;
  /** Whose checks stopped, in words; null: all went on. */
  readonly stopped: () => string | null;
  readonly news: Omit<ChannelNews, 'onGivenUp'>;
}

/** Pings a dead man's switch while the checks go on: what it does not hear of for a while it tells people of. @returns ends it */
export function startHeartbeat({ config, clock, stopped, news }: HeartbeatParts): () => void {
  let isPinging = false;
  let failingSince: number | null = null;
  let isTold = false;

  async function beat(): Promise<void> {
    if (isPinging) return;
    isPinging = true;
    const why = stopped();
    const outcome = await pingUntil(config.url, why === null ? 'well' : 'fail', why, clock);
    isPinging = false;
    if (outcome.ok) noteWorking(outcome.answer);
    else noteFailing(outcome.answer);
  }

  function noteWorking(answer: string): void {
    if (isTold) news.onWorking(config.name);
    isTold = false;
    failingSince = null;
    news.onSent(config.name, answer);
  }

  function noteFailing(answer: string): void {
    failingSince ??= clock.wallNow();
    if (isTold || clock.wallNow() - failingSince < FAILING_MS) return;
    isTold = true;
    news.onFailing(config.name, failingSince, answer);
  }

  // Not every switch knows of a start: what it answers does not matter.
  void ping(config.url, 'start', null);
  return every(clock, config.everyMs, () => void beat());
}

async function pingUntil(url: string, signal: Signal, why: string | null, clock: AlarmClock): Promise<Outcome> {
  let outcome = await ping(url, signal, why);
  for (let tries = 1; tries < TRIES && !outcome.ok; tries++) {
    await sleep(clock, AGAIN_MS);
    outcome = await ping(url, signal, why);
  }
  return outcome;
}

/** One ping. `why`: what is wrong, for people. Never rejects. */
export async function ping(url: string, signal: Signal, why: string | null): Promise<Outcome> {
  const target = new URL(url);
  if (signal !== 'well') target.pathname = `${target.pathname.replace(/\/$/, '')}/${signal}`;
  const headers: Readonly<Record<string, string>> = why === null ? {} : { 'content-type': 'text/plain; charset=utf-8' };
  return judge(await ask(target.href, { method: why === null ? 'GET' : 'POST', headers, body: why, deadlineMs: DEADLINE_MS }));
}
