import type { AlertKind } from '../../config/resolved.ts';
import { mask } from '../../units/mask.ts';
import { worstOf } from '../planning/due.ts';
import { type Alert, isOver, type Member, type PlanState } from '../planning/state.ts';
import type { Setup } from '../setup.ts';
import { detailsOf, endLines, linesOf } from './body.ts';
import { endOf, type Headline, headlineOf, openingOf, pastHeadline } from './headline.ts';
import type { Message, MessageEvent, Subject } from './message.ts';

const MOST_SUBJECTS = 50;

const CRITICAL = new Set<AlertKind>(['down', 'gave-up', 'port-taken']);

/**
 * The one template: what a channel shows of an alert, plain or rich, comes from here.
 * @param turn unique within the alert
 */
export function composeAlert(
  { alert, event, turn }: { alert: Alert; event: MessageEvent; turn: string },
  state: PlanState,
  now: number,
  setup: Setup,
): Message {
  const { members } = alert;
  const worst = worstOf(members, now);
  const isEnd = event === 'ended' || event === 'past';
  const lines = isEnd ? endLines(members, worst) : linesOf(members, worst, now, setup);
  return {
    version: 1,
    key: `${alert.key}/${turn}`,
    thread: alert.key,
    alert: alert.id,
    event,
    kind: worst.kind,
    severity: isEnd || event === 'acknowledged' ? 'info' : CRITICAL.has(worst.kind) ? 'critical' : 'warning',
    drill: members.some(({ incident }) => incident.drill),
    host: setup.host,
    subjects: subjectsOf(alert, now),
    count: members.length,
    at: iso(now),
    openedAt: iso(openingOf(members)),
    endedAt: isEnd ? iso(endOf(members)) : null,
    ...masked(headlineOf(members, worst, event, now, setup)),
    lines: lines.map(mask),
    details: detailsOf(alert, worst, isEnd, state, now, setup),
    link: linkTo(members, setup),
    inPast: event === 'ended' ? masked(pastHeadline(members, worst, setup)) : null,
  };
}

/** Of one backend's incident its own page. */
function linkTo(members: readonly Member[], { pageUrl, backends }: Setup): string | null {
  const [only, ...others] = members;
  if (pageUrl === null || only === undefined || others.length > 0) return pageUrl;
  const { subject, number } = only.incident;
  if (!backends.some(({ name }) => name === subject)) return pageUrl;
  return new URL(`#/incident/${encodeURIComponent(`${subject}-${number}`)}`, pageUrl).href;
}

function subjectsOf({ members }: Alert, now: number): Subject[] {
  return members.slice(0, MOST_SUBJECTS).map((member) => {
    const { subject, number, latest, end } = member.incident;
    return { name: subject, incident: number, state: end?.how === 'well' ? 'healthy' : latest.to, over: isOver(member, now) };
  });
}

function masked({ tag, headline }: Headline): Headline {
  return { tag, headline: mask(headline) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
