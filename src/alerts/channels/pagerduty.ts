import type { MessageChannel } from '../../config/resolved.ts';
import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { linesBelow } from '../message/plain.ts';
import { judge } from './answer.ts';
import type { Channel, Outcome } from './channel.ts';
import { postJson } from './post.ts';

/** developer.pagerduty.com: Events API v2, characters. */
const SUMMARY = 1_024;
const DEDUP_KEY = 255;

type Action = 'trigger' | 'acknowledge' | 'resolve';

/** One PagerDuty alert a thread, by its dedup key: what comes twice is one. It reminds people by itself. */
export function openPagerDuty({ routingKey, url }: Extract<MessageChannel, { type: 'pagerduty' }>): Channel {
  return {
    paceMs: 500,
    async send(message, { lateMs, deadlineMs }) {
      const actions = actionsOf(message);
      const last = performance.now() + deadlineMs;
      let outcome: Outcome = { ok: true, answer: 'nothing to send: PagerDuty reminds by itself' };
      for (const action of actions) {
        const body = eventOf(message, action, routingKey, lateMs);
        outcome = judge(await postJson(url, body, Math.max(1, last - performance.now())));
        if (!outcome.ok) break;
      }
      return outcome;
    },
  };
}

/** What is over already is shown, and closed at once. */
function actionsOf({ event, kind }: Message): readonly Action[] {
  switch (event) {
    case 'opened':
    case 'worse':
      return ['trigger'];
    case 'acknowledged':
      return ['acknowledge'];
    case 'ended':
      return ['resolve'];
    case 'past':
      return ['trigger', 'resolve'];
    case 'note':
      return kind === 'test' ? ['trigger', 'resolve'] : [];
    case 'reminder':
      return [];
  }
}

export function eventOf(message: Message, action: Action, routingKey: string, lateMs: number): object {
  const { thread, host, severity, kind, alert, details, link, openedAt } = message;
  const lines = linesBelow(message, lateMs).map((text, index): [string, string] => [`line ${index + 1}`, text]);
  const payload = {
    summary: cut(titleOf(message), SUMMARY),
    source: host,
    severity: severity === 'info' ? 'info' : severity,
    timestamp: openedAt,
    component: message.subjects[0]?.name ?? alert,
    group: alert,
    class: kind,
    custom_details: Object.fromEntries([...lines, ...details.map(({ label, text }): [string, string] => [label, text])]),
  };
  return {
    routing_key: routingKey,
    event_action: action,
    dedup_key: thread.slice(0, DEDUP_KEY),
    ...(action === 'trigger' ? { payload, client: 'pm2-lifeguard' } : {}),
    ...(action === 'trigger' && link !== null ? { client_url: link, links: [{ href: link, text: 'The page' }] } : {}),
  };
}
