import { type Clock, sleep } from '../../clock/clock.ts';
import type { BusEvent } from '../../pm2/types.ts';
import type { Ended } from '../../policy/event.ts';
import { clearUp } from '../clear-up.ts';
import { childrenAtGate } from '../order/at-gate.ts';
import { apart, type Desk, type Watched } from '../watched.ts';
import { askDependencies } from './ask-dependencies.ts';
import type { Listing } from './lists.ts';
import { incarnationOf, type Moment, type News, pidsOf, takeBus, takeList } from './picture.ts';

/**
 * The bus tells no pids, and the list makes a large PM2 stand still: what ends at once, as in a crash loop, needs none, and our stop of it
 * must not wait behind a list.
 */
const PIDS_AFTER_MS = 1_000;

/** Of `pm2 delete` the bus tells the exit alone: that the app is gone, only the list does. */
const AFTER_OPERATOR_MS = 500;

/** PM2 starts what ended by itself sooner than that; else the list tells what became of it, as a message may have been lost. */
const STILL_DOWN_MS = 5_000;

/** PM2's word for what has ended and is to be started. */
const DOWN = 'waiting restart';

/** What a process left behind, and would not end, is no reason to tell its end without why: that is waited for 1 s at most. */
const CLEARED_WITHIN_MS = 600;

export interface Looks {
  /** Takes in one message of the daemon's bus. */
  hear(event: Extract<BusEvent, { type: 'process' }>): void;
  /** Looks at PM2's list and the port, and tells what is so now. Rejects with a Pm2Error when the daemon does not answer. */
  look(watched: Watched): Promise<void>;
  /** Reads the list for this backend's pids, which the bus does not tell. */
  readProcesses(watched: Watched): Promise<void>;
  /** Takes the list in for all of them. */
  readAll(isFirst: boolean): Promise<void>;
}

/** What is known of the processes and the ports: put together from all that PM2 says, and told as it is. */
export function looksOf(desk: Desk, list: () => Promise<Listing>): Looks {
  const { clock } = desk.ports;

  function tell(watched: Watched, { picture, ended, byHand }: News): void {
    const isNews = picture !== watched.picture || ended.length > 0 || byHand.length > 0;
    watched.picture = picture;
    if (byHand.length > 0) closeGates(desk, watched);
    if (isNews) desk.tell(watched, { type: 'processes', children: childrenAtGate(watched, desk.ports.gates), ended, byHand });
    if (ended.length === 0) return;
    // PM2 starts the next one whether the last one's children have ended or not.
    const cleared = clearUp(desk, watched);
    for (const end of ended) if (isUntold(desk, watched, end)) apart(desk, watched, () => explain(desk, watched, end, cleared));
  }

  function takeIn(watched: Watched, listing: Listing, isFirst: boolean): void {
    const own = listing
      .of(watched.config.name)
      .filter(({ pmId }) => Number.isInteger(pmId))
      .map((process) =>
        watched.between.has(process.pmId) && process.status === 'stopped' ? { ...process, status: DOWN } : process,
      );
    tell(watched, takeList(watched.picture, own, listing.askedAt, isFirst, momentOf(clock)));
    desk.tell(watched, { type: 'looked', askedAt: listing.askedAt });
  }

  async function readProcesses(watched: Watched): Promise<void> {
    takeIn(watched, await list(), false);
  }

  /** Once, if it is so now and then still. */
  function readLater(watched: Watched, inMs: number, isSo: (watched: Watched) => boolean): void {
    if (isSo(watched)) clock.after(inMs, () => isSo(watched) && apart(desk, watched, () => readProcesses(watched)));
  }

  return {
    readProcesses,
    hear(event) {
      const watched = desk.watched.get(event.process.name);
      if (!watched || !Number.isInteger(event.process.pmId)) return;
      const news = takeBus(watched.picture, event, momentOf(clock));
      tell(watched, news);
      readLater(watched, PIDS_AFTER_MS, lacksPid);
      readLater(watched, STILL_DOWN_MS, isDown);
      if (news.ended.some(({ asked }) => asked)) readLater(watched, AFTER_OPERATOR_MS, () => true);
    },
    async look(watched) {
      const { blocked, orphanAskedAt } = desk.stateOf(watched);
      const askedAt = clock.now();
      const listing = blocked === null && orphanAskedAt === null ? await list() : null;
      if (listing) takeIn(watched, listing, false);
      await lookAtPort(desk, watched);
      desk.tell(watched, { type: 'looked', askedAt: listing?.askedAt ?? askedAt });
    },
    async readAll(isFirst) {
      const listing = await list();
      for (const watched of desk.watched.values()) takeIn(watched, listing, isFirst);
    },
  };
}

/** Who stops a backend by hand starts it by hand: that start waits as any start of an operator does. */
function closeGates({ ports }: Desk, { picture, config }: Watched): void {
  for (const { gate } of picture) {
    try {
      if (gate !== null) ports.gates.close(gate);
    } catch (error) {
      ports.log(`${config.name}: its next start does not wait: ${String(error)}`);
    }
  }
}

function lacksPid({ picture }: Watched): boolean {
  return picture.some(({ phase, pid }) => phase === 'up' && pid === 0);
}

function isDown({ picture }: Watched): boolean {
  return picture.some(({ phase }) => phase === 'down');
}

/** Tells who keeps the backend from its port. */
async function lookAtPort(desk: Desk, watched: Watched): Promise<void> {
  const { port, name } = watched.config;
  if (port === null) return;
  const holder = await desk.ports.host.holderOf(port, name, pidsOf(watched.picture));
  desk.tell(watched, { type: 'port', holder });
}

/**
 * At the first answer of new processes: that of who held the port before them is not theirs. Who came later may have been started
 * by them, as a container's proxy is.
 */
export async function verifyPort(desk: Desk, watched: Watched): Promise<void> {
  const { port, name } = watched.config;
  const running = watched.picture.filter(({ phase }) => phase === 'up');
  const incarnations = running.map(incarnationOf).join(' ');
  if (port === null || watched.verified === incarnations || running.some(({ pid }) => pid === 0)) return;
  watched.verified = incarnations;
  const holder = await desk.ports.host.holderOf(port, name, pidsOf(watched.picture));
  if (holder?.earlier) desk.tell(watched, { type: 'port', holder });
}

function isUntold(desk: Desk, watched: Watched, { incarnation }: Ended): boolean {
  return desk.stateOf(watched).children.some(({ untold }) => untold?.incarnation === incarnation);
}

/** Finds out why a process ended that nobody had asked to end, and what stands in the way of the next one. */
async function explain(desk: Desk, watched: Watched, { pmId, incarnation, code }: Ended, cleared: Promise<void>): Promise<void> {
  const { host, clock } = desk.ports;
  const { name } = watched.config;
  const seen = watched.picture.find((one) => one.pmId === pmId);
  const startedAt = Number(incarnation.slice(incarnation.indexOf('@') + 1));
  if (watched.dependencies.length > 0) apart(desk, watched, () => askDependencies(desk, watched));
  const [exit] = await Promise.all([
    host.exitInfo({ name, pmId, startedAt, exitCode: code, errorFile: seen?.errorFile ?? '' }),
    Promise.race([cleared.then(() => lookAtPort(desk, watched)), sleep(clock, CLEARED_WITHIN_MS)]),
  ]);
  desk.tell(watched, { type: 'explained', incarnation, exit });
}

function momentOf(clock: Clock): Moment {
  return { now: clock.now(), wallNow: clock.wallNow() };
}
