import type { AlertKind } from '../../config/resolved.ts';
import type { Setup } from '../setup.ts';
import { isForUsage } from './due.ts';
import { restlessness } from './past/restless.ts';
import type { Alert, Incident, Member, PlanState } from './state.ts';

/** Went bad within this time of each other: in the same moment. */
const TOGETHER_MS = 10_000;

/** Where a slot is being told of; null: nobody is told of it. */
export function memberOf(state: PlanState, slot: string): Member | null {
  for (const { members } of state.alerts) {
    const found = members.find(({ incident }) => incident.slot === slot);
    if (found !== undefined) return found;
  }
  return null;
}

/**
 * An incident is to be told: with what is being gathered, or with what was told already if that has the same cause; else by itself.
 * @param falls within an hour, where that is what is told
 */
export function raise(state: PlanState, incident: Incident, kind: AlertKind, now: number, setup: Setup, falls = 1): void {
  const again = restlessness(state, incident.slot, now).ends.length;
  const until = kind === 'flapping' || again > 0 ? 'quiet' : 'well';
  const member: Member = { incident, kind, until, falls: Math.max(falls, again + 1), troubleAt: now };
  delete state.open[incident.slot];
  const told = state.alerts.find((alert) => alert.phase === 'told' && sharesCause(alert, incident, setup));
  const gathering = state.alerts.find((alert) => alert.phase === 'gathering' && goesWith(alert, incident, kind));
  const alert = told ?? gathering;
  if (alert !== undefined) alert.members.push(member);
  else state.alerts.push(alertAbout(member, now, setup));
}

function alertAbout(member: Member, now: number, { backends, gatherMs }: Setup): Alert {
  const { incident, kind } = member;
  const id = idOf(member);
  // One message instead of two.
  const isAlone = backends.length <= 1 && !isForUsage(kind);
  return {
    id,
    key: `${id}-${incident.openedAt.toString(36)}`,
    phase: 'gathering',
    dueAt: isAlone ? now : now + gatherMs,
    toldAt: null,
    level: 0,
    told: [],
    members: [member],
    reminders: 0,
    acknowledged: false,
  };
}

/** A word that people type: `api-12`, `disk-full`. */
function idOf({ incident, kind }: Member): string {
  const { subject, number, slot } = incident;
  const id = kind === 'flapping' ? `${subject}-flapping` : number === null ? slot : `${subject}-${number}`;
  return id.replace(/[^\w.-]+/g, '-').replace(/^-|-$/g, '');
}

/** Backends go together, and so does other trouble of one kind. */
function goesWith({ members }: Alert, incident: Incident, kind: AlertKind): boolean {
  const [first] = members;
  if (first === undefined) return false;
  if (first.incident.trouble === null || incident.trouble === null) return first.incident.trouble === incident.trouble;
  return first.kind === kind && first.incident.trouble.notTo.join() === incident.trouble.notTo.join();
}

/** Both wait for the same service, or both went bad in the same moment and are held for that. */
function sharesCause({ members }: Alert, incident: Incident, setup: Setup): boolean {
  const waiting = new Set(servicesOf(incident, setup));
  return members.some(({ incident: other }) => {
    if (other.end !== null) return false;
    if (servicesOf(other, setup).some((id) => waiting.has(id))) return true;
    const isShared = incident.latest.code === 'shared-cause' || other.latest.code === 'shared-cause';
    return isShared && areTogether(other, incident);
  });
}

function servicesOf({ subject, waitsFor }: Incident, { backends }: Setup): string[] {
  if (waitsFor.length === 0) return [];
  const known = backends.find(({ name }) => name === subject)?.dependencies ?? [];
  return known.flatMap(({ name, id }) => (waitsFor.includes(name) ? [id] : []));
}

function areTogether(a: Incident, b: Incident): boolean {
  return Math.abs(a.openedAt - b.openedAt) <= TOGETHER_MS;
}

/** Before it is told: what went bad in the same moment and is not well yet belongs to it. */
export function pullIn(state: PlanState, alert: Alert, now: number): void {
  const open = alert.members.filter(({ incident, kind }) => incident.trouble === null && kind !== 'flapping');
  for (const incident of Object.values(state.open)) {
    if (incident.trouble !== null || state.paused.includes(incident.slot)) continue;
    if (!open.some((member) => areTogether(member.incident, incident))) continue;
    delete state.open[incident.slot];
    const kind = incident.latest.to === 'degraded' ? 'degraded' : 'down';
    alert.members.push({ incident, kind, until: 'well', falls: 1, troubleAt: now });
  }
}
