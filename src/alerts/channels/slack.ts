import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { linesBelow } from '../message/plain.ts';
import { judge } from './answer.ts';
import type { Channel } from './channel.ts';
import { postJson } from './post.ts';

/** Slack's limits (api.slack.com/reference/block-kit/blocks), characters. */
const HEADER = 150;
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS = 10;

/** Incoming webhooks: one message a second; they cannot edit. */
export function openSlack(url: string): Channel {
  return {
    paceMs: 1_000,
    async send(message, { lateMs, plain, deadlineMs }) {
      const text = cut(escaped(titleOf(message)), SECTION);
      return judge(await postJson(url, plain ? { text } : { text, blocks: blocksOf(message, lateMs) }, deadlineMs));
    },
  };
}

/** A header, what to do, the details in two columns, and what else there is. */
export function blocksOf(message: Message, lateMs: number): object[] {
  const { details, link, alert, host } = message;
  const lines = linesBelow(message, lateMs).join('\n');
  const fields = details.slice(0, FIELDS).map(({ label, text }) => mrkdwn(`*${escaped(label)}*\n${escaped(text)}`, FIELD));
  const foot = [`${alert} on ${host}`, ...(link === null ? [] : [`<${link}|the page>`])].join(' · ');
  return [
    { type: 'header', text: { type: 'plain_text', text: cut(titleOf(message), HEADER), emoji: false } },
    ...(lines === '' ? [] : [{ type: 'section', text: mrkdwn(escaped(lines), SECTION) }]),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
    { type: 'context', elements: [mrkdwn(foot, FIELD)] },
  ];
}

function mrkdwn(text: string, longest: number) {
  return { type: 'mrkdwn', text: cut(text, longest), verbatim: true };
}

/** What Slack takes for mark-up: https://api.slack.com/reference/surfaces/formatting#escaping */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
