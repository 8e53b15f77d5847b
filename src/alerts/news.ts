import type { Clock } from '../clock/clock.ts';
import type { IncidentRecord } from '../incidents/journal.ts';
import type { StateName } from '../policy/state-name.ts';
import type { ChannelNews } from './delivery/outbox.ts';
import { type Message, titleOf } from './message/message.ts';
import { clockTime } from './message/times.ts';
import type { Happening } from './planning/happening.ts';

/** What becomes known of a channel: a line for lifeguard's log, word to the other channels, a line of the journal. */
export function channelNews(
  happen: (happening: Happening) => void,
  onSent: ChannelNews['onSent'],
  {
    clock,
    say,
    write,
  }: { readonly clock: Clock; readonly say: (text: string) => void; readonly write: (record: IncidentRecord) => void },
): ChannelNews {
  return {
    onFailing(name, since, answer) {
      say(`alerts: ${name} fails: ${answer}`);
      happen(channelTrouble(name, since, answer, clock.wallNow()));
    },
    onWorking(name) {
      say(`alerts: ${name} works again`);
      happen(channelWorks(name, clock.wallNow()));
    },
    onSent,
    onGivenUp(name, message, why) {
      say(`alerts: ${name} was not told: ${message.headline}: ${why}`);
      write(undelivered(name, message, why, clock.wallNow()));
    },
  };
}

/** A channel fails: the others are told. */
function channelTrouble(name: string, since: number, answer: string, at: number): Happening {
  return {
    type: 'trouble',
    slot: slotOf(name),
    subject: `The channel ${name}`,
    kind: 'lifeguard',
    text: `It has failed since ${clockTime(since)}: ${answer}`,
    todo: `To do: npx lifeguard alerts test ${name}`,
    notTo: [name],
    at,
  };
}

function channelWorks(name: string, at: number): Happening {
  return { type: 'trouble-over', slot: slotOf(name), text: 'It works again.', at };
}

function slotOf(name: string): string {
  return `channel ${name}`;
}

/** The journal's line about a message that will not be sent any more. */
function undelivered(name: string, message: Message, why: string, now: number): IncidentRecord {
  const [subject] = message.subjects;
  // Of what is no backend there is no state; the reader of a journal expects one.
  const state = (subject?.state || 'healthy') as StateName;
  return {
    time: new Date(now).toISOString(),
    backend: subject?.name ?? message.alert,
    what: 'alert',
    incident: subject?.incident ?? 0,
    from: state,
    to: state,
    cause: null,
    reason: { code: 'alert-undelivered', text: `${name} was not told "${titleOf(message)}": ${why}` },
    restarts: 0,
    sinceFailureMs: Math.max(0, now - Date.parse(message.openedAt)),
  };
}
