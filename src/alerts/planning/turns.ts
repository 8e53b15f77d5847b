import { composeAlert } from '../message/compose.ts';
import { composeDigest } from '../message/compose-note.ts';
import type { Message } from '../message/message.ts';
import type { ChannelFacts, Setup } from '../setup.ts';
import { levelOf, worstOf } from './due.ts';
import { digestAt } from './past/digest.ts';
import { noteTold } from './past/restless.ts';
import { pullIn } from './raise.ts';
import { type Alert, HOUR_MS, isOver, type PlanState } from './state.ts';

/** One message and who gets it. */
export interface Notification {
  readonly channels: readonly string[];
  readonly message: Message;
}

const DAY_MS = 86_400_000;
/** Who has been quiet for so long is not reminded of. */
const QUIET_MS = 300_000;

/** What time and the turns of the incidents make due. Changes the state. */
export function takeTurns(state: PlanState, now: number, setup: Setup): Notification[] {
  const told: Notification[] = [];
  for (const alert of [...state.alerts]) {
    const turn = alert.phase === 'gathering' ? open(state, alert, now, setup) : goOn(state, alert, now, setup);
    if (turn !== null && turn.channels.length > 0) told.push(turn);
  }
  return [...told, ...sendDigest(state, now, setup)];
}

/** Its time to be told has come; with what came to an end meanwhile it is told as a thing of the past. */
function open(state: PlanState, alert: Alert, now: number, setup: Setup): Notification | null {
  if (now < (alert.dueAt ?? 0)) return null;
  pullIn(state, alert, now);
  const channels = setup.channels.filter((channel) => takes(channel, alert)).map(({ name }) => name);
  if (alert.members.every((member) => isOver(member, now))) {
    remove(state, alert, channels.length > 0, now);
    return { channels, message: composeAlert({ alert, event: 'past', turn: 'past' }, state, now, setup) };
  }
  alert.phase = 'told';
  alert.toldAt = now;
  alert.dueAt = null;
  alert.level = levelOf(worstOf(alert.members, now), now);
  alert.told = channels;
  return { channels, message: composeAlert({ alert, event: 'opened', turn: 'opened' }, state, now, setup) };
}

/** What was told comes to its end, gets worse, or has to be called to mind. */
function goOn(state: PlanState, alert: Alert, now: number, setup: Setup): Notification | null {
  if (alert.members.every((member) => isOver(member, now))) {
    remove(state, alert, alert.told.length > 0, now);
    const channels = setup.channels.filter(({ name, on }) => alert.told.includes(name) && on.includes('recovered'));
    return {
      channels: channels.map(({ name }) => name),
      message: composeAlert({ alert, event: 'ended', turn: 'ended' }, state, now, setup),
    };
  }
  return getWorse(state, alert, now, setup) ?? remind(state, alert, now, setup);
}

function getWorse(state: PlanState, alert: Alert, now: number, setup: Setup): Notification | null {
  const level = levelOf(worstOf(alert.members, now), now);
  if (level <= alert.level) {
    alert.dueAt = null;
    return null;
  }
  alert.dueAt ??= alert.members.length > 1 ? now + setup.gatherMs : now;
  if (now < alert.dueAt) return null;
  alert.dueAt = null;
  alert.level = level;
  alert.acknowledged = false;
  const channels = setup.channels.filter((channel) => alert.told.includes(channel.name) || takes(channel, alert));
  alert.told = channels.map(({ name }) => name);
  return { channels: alert.told, message: composeAlert({ alert, event: 'worse', turn: `worse-${level}` }, state, now, setup) };
}

function remind(state: PlanState, alert: Alert, now: number, setup: Setup): Notification | null {
  if (now < (remindAt(alert) ?? Number.POSITIVE_INFINITY)) return null;
  // Of those that nobody could send meanwhile one is enough.
  while (now >= (remindAt(alert) ?? Number.POSITIVE_INFINITY)) alert.reminders += 1;
  const needsIt = alert.members.some(({ incident, troubleAt }) => {
    if (state.paused.includes(incident.slot)) return false;
    // What gets up again each time is called to mind from the second time on.
    return incident.end === null || (alert.reminders > 1 && now - troubleAt < QUIET_MS);
  });
  if (!needsIt) return null;
  const turn = `reminder-${alert.reminders}`;
  return { channels: alert.told, message: composeAlert({ alert, event: 'reminder', turn }, state, now, setup) };
}

/** After an hour, after four, then daily; null: never, as somebody has taken note. */
export function remindAt({ toldAt, reminders, acknowledged }: Alert): number | null {
  if (toldAt === null || acknowledged) return null;
  const afterMs = [HOUR_MS, 4 * HOUR_MS][reminders] ?? (reminders - 1) * DAY_MS;
  return toldAt + afterMs;
}

/** Somebody has taken note of it. */
export function acknowledge(state: PlanState, id: string, now: number, setup: Setup): Notification[] {
  const listeners = new Set(setup.channels.flatMap(({ name, takesNote }) => (takesNote ? [name] : [])));
  return openAlerts(state, id).flatMap((alert) => {
    if (alert.acknowledged) return [];
    alert.acknowledged = true;
    const channels = alert.told.filter((name) => listeners.has(name));
    const turn = `acknowledged-${alert.level}`;
    return channels.length === 0
      ? []
      : [{ channels, message: composeAlert({ alert, event: 'acknowledged', turn }, state, now, setup) }];
  });
}

/** Those that people were told of and that have not ended, by what they are called: the alert, one of its incidents, or `all`. */
export function openAlerts({ alerts }: PlanState, id: string): Alert[] {
  return alerts.filter(
    (alert) =>
      alert.phase === 'told' &&
      (id === 'all' || alert.id === id || alert.members.some(({ incident }) => `${incident.subject}-${incident.number}` === id)),
  );
}

function remove(state: PlanState, alert: Alert, wasTold: boolean, now: number): void {
  state.alerts = state.alerts.filter((other) => other !== alert);
  if (!wasTold) return;
  for (const { incident } of alert.members) if (incident.end?.how === 'well') noteTold(state, incident.slot, now);
}

/** It asked for one of the kinds, and is not itself what is in trouble. */
function takes({ name, on }: ChannelFacts, { members }: Alert): boolean {
  return members.some(({ kind, incident }) => on.includes(kind) && !incident.trouble?.notTo.includes(name));
}

function sendDigest(state: PlanState, now: number, setup: Setup): Notification[] {
  const at = digestAt(state, setup);
  if (at === null || now < at) return [];
  const message = composeDigest(state, now, setup);
  state.digest = { since: now, lines: {} };
  return [{ channels: setup.channels.filter(({ on }) => on.includes('digest')).map(({ name }) => name), message }];
}
