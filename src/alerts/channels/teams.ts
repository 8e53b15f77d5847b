import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { linesBelow } from '../message/plain.ts';
import { judge } from './answer.ts';
import type { Channel } from './channel.ts';
import { postJson } from './post.ts';

/** Of the whole message: learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
const MOST_BYTES = 28_000;
const COLOURS = { critical: 'Attention', warning: 'Warning', info: 'Good' } as const;

/** A workflow that starts when a webhook request is received; four requests a second are taken. */
export function openTeams(url: string): Channel {
  return {
    paceMs: 1_000,
    async send(message, { lateMs, plain, deadlineMs }) {
      return judge(await postJson(url, cardOf(plain ? { ...message, details: [] } : message, lateMs), deadlineMs));
    },
  };
}

/** An Adaptive Card; with fewer details where all of them are too much. */
export function cardOf(message: Message, lateMs: number): object {
  const card = wholeCard(message, lateMs);
  if (Buffer.byteLength(JSON.stringify(card)) <= MOST_BYTES || message.details.length === 0) return card;
  return cardOf({ ...message, details: message.details.slice(0, -1) }, lateMs);
}

function wholeCard(message: Message, lateMs: number): object {
  const text = (shown: string, more: object = {}) => ({ type: 'TextBlock', text: shown, wrap: true, ...more });
  const lines = linesBelow(message, lateMs).map((line) => text(cut(escaped(line), 1_000), { spacing: 'Small' }));
  const facts = message.details.map(({ label, text: value }) => ({ title: label, value: escaped(value) }));
  const link = message.link === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open the page', url: message.link }] };
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      text(cut(escaped(titleOf(message)), 1_000), { weight: 'Bolder', size: 'Medium', color: COLOURS[message.severity] }),
      ...lines,
      ...(facts.length === 0 ? [] : [{ type: 'FactSet', facts }]),
    ],
    ...link,
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** Cards take a part of Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\*_[\]`]/g, '\\$&');
}
