import { join } from 'node:path';
import type { AlarmClock } from '../clock/clock.ts';
import type { Heartbeat, MessageChannel } from '../config/resolved.ts';
import { type IncidentRecord, type JournalPosition, journalEnd } from '../incidents/journal.ts';
import { readSince } from '../incidents/read-since.ts';
import { openDisk } from './delivery/disk.ts';
import { openPostOffice, type PostOffice } from './delivery/post-office.ts';
import { prover } from './delivery/proof.ts';
import type { RetryPolicy } from './delivery/retry.ts';
import { startHeartbeat } from './heartbeat/heartbeat.ts';
import { channelNews } from './news.ts';
import type { Happening } from './planning/happening.ts';
import { nextDueAt } from './planning/plan.ts';
import { planSafely } from './planning/plan-safely.ts';
import { openAlerts } from './planning/turns.ts';
import { isPlan, newPlan, writeFirstPlan } from './saved-plan.ts';
import type { Setup } from './setup.ts';

/** Lines that come together are planned together. */
const TOGETHER_MS = 20;

export interface AlertingParts {
  readonly setup: Setup;
  readonly channels: readonly MessageChannel[];
  readonly heartbeats: readonly Heartbeat[];
  /** Where the plan and the queues are kept, absolute. */
  readonly folder: string;
  /** incidents.jsonl, absolute. */
  readonly journal: string;
  readonly clock: AlarmClock;
  readonly retries: RetryPolicy;
  /** What a command inherits. */
  readonly env: NodeJS.ProcessEnv;
  /** A line for lifeguard's own log. */
  readonly say: (text: string) => void;
  /** A line for the journal, about the telling. */
  readonly write: (record: IncidentRecord) => void;
}

/** Tells people. None of its calls throws or waits: what it has to do it does in its own time. */
export interface Alerting {
  /** A line of the journal, and where it ends; null: it could not be written there. */
  tell(record: IncidentRecord, end: JournalPosition | null): void;
  /** Something else that happened. */
  happen(happening: Exclude<Happening, { type: 'record' | 'watching' }>): void;
  /** Somebody has taken note. @returns the ids of the alerts that this is about, and of those that are open */
  acknowledge(id: string): { readonly acknowledged: readonly string[]; readonly open: readonly string[] };
  /** How it stands with each channel; none before their queues are read. */
  channels(): ReturnType<PostOffice['facts']>;
  /** Begins to ping the dead man's switches. `stopped`: whose checks stopped, in words; null: all went on. */
  watch(stopped: () => string | null): void;
  stop(): void;
}

interface Told {
  readonly happening: Happening;
  readonly end: JournalPosition | null;
}

/** Takes up what a predecessor left, what was journalled since too. @throws Error when the journal cannot be looked at */
export function startAlerting(parts: AlertingParts): Alerting {
  const { setup, folder, clock, say } = parts;
  const disk = openDisk(clock, say);
  const planFile = join(folder, 'plan.json');
  let saved = newPlan(journalEnd(parts.journal), clock.wallNow());
  let waiting: readonly Told[] = [];
  let office: PostOffice | null = null;
  const prove = prover([...parts.channels, ...parts.heartbeats], folder, disk, clock);
  const news = channelNews(take, prove, parts);
  const beating: (() => void)[] = [];
  let cancel = () => {};
  let isPlanning = false;
  let isStopped = false;

  function take(happening: Happening, end: JournalPosition | null = null): void {
    waiting = [...waiting, { happening, end }];
    soon(TOGETHER_MS);
  }

  function soon(delayMs: number): void {
    if (office === null || isPlanning || isStopped) return;
    cancel();
    cancel = clock.after(delayMs, () => void turn());
  }

  async function turn(): Promise<void> {
    isPlanning = true;
    await planAndPost().catch((error: unknown) => say(`alerts: ${String(error)}`));
    isPlanning = false;
    const now = clock.wallNow();
    const dueAt = waiting.length > 0 ? now : nextDueAt(saved.state, now, setup);
    if (dueAt !== null) soon(Math.max(TOGETHER_MS, dueAt - now));
  }

  async function planAndPost(): Promise<void> {
    const batch = waiting;
    waiting = [];
    const happenings = batch.map(({ happening }) => happening);
    const { state, notifications } = planSafely(saved.state, happenings, clock.wallNow(), setup, say);
    const { time } = happenings.flatMap((happening) => (happening.type === 'record' ? [happening.record] : [])).at(-1) ?? saved;
    const position = batch.findLast(({ end }) => end !== null)?.end ?? saved.position;
    saved = { version: 1, state, position, time, outgoing: notifications };
    for (const { message } of notifications) say(`alert ${message.alert}: ${message.event}: ${message.headline}`);
    await disk.write(planFile, saved);
    if (office !== null) await postTo(office);
  }

  /** After a kill it is done again: the queues know what they have. */
  async function postTo(open: PostOffice): Promise<void> {
    if (saved.outgoing.length === 0) return;
    await open.post(saved.outgoing);
    saved = { ...saved, outgoing: [] };
    await disk.write(planFile, saved);
  }

  async function begin(): Promise<void> {
    const left = await disk.read(planFile);
    if (isPlan(left)) saved = left;
    const { records, end } = await readSince(parts.journal, saved.position, saved.time);
    const missed = records.map((record): Told => ({ happening: { type: 'record', record }, end }));
    const opened = await openPostOffice({ ...parts, disk, news });
    if (isStopped) return opened.stop();
    await postTo(opened);
    if (isStopped) return opened.stop();
    // From now on it is planned: not before, or what comes meanwhile would be planned before what was missed.
    office = opened;
    const watching: Told = { happening: { type: 'watching', at: clock.wallNow() }, end };
    waiting = [...missed, watching, ...waiting.filter((told) => !isUpTo(told.end, end))];
    soon(0);
  }

  const failed = writeFirstPlan(planFile, saved);
  if (failed !== null) say(`alerts: cannot write ${planFile}: ${failed}`);
  begin().catch((error: unknown) => say(`alerts: nothing is sent: ${error instanceof Error ? error.stack : String(error)}`));
  return {
    tell: (record, end) => take({ type: 'record', record }, end),
    happen: (happening) => take(happening),
    acknowledge(id) {
      const acknowledged = openAlerts(saved.state, id).map((alert) => alert.id);
      if (acknowledged.length > 0) take({ type: 'acknowledge', id, at: clock.wallNow() });
      return { acknowledged, open: openAlerts(saved.state, 'all').map((alert) => alert.id) };
    },
    channels: () => office?.facts() ?? [],
    watch(stopped) {
      for (const config of parts.heartbeats) beating.push(startHeartbeat({ config, clock, stopped, news }));
    },
    stop() {
      isStopped = true;
      cancel();
      for (const end of beating) end();
      office?.stop();
    },
  };
}

/** Whether a line was read from the journal already. */
function isUpTo(end: JournalPosition | null, read: JournalPosition): boolean {
  return end !== null && end.inode === read.inode && end.offset <= read.offset;
}
