import type { HttpAnswer } from '../delivery/http.ts';
import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { linesBelow } from '../message/plain.ts';
import { jsonOf, judge, textOf } from './answer.ts';
import type { Channel, Outcome } from './channel.ts';
import { postJson } from './post.ts';

/** Discord's limits (discord.com/developers/docs/resources/message#embed-object), characters. */
const TITLE = 256;
const DESCRIPTION = 4_096;
const FIELDS = 25;
const NAME = 256;
const VALUE = 1_024;
const IN_ALL = 6_000;

const COLOURS = { critical: 0xd9_30_25, warning: 0xf2_99_00, info: 0x18_80_38 } as const;

/** The end and an acknowledgement change the message that told the beginning; what gets worse and reminders are new ones, so that somebody sees them. */
export function openDiscord(url: string): Channel {
  return {
    paceMs: 0,
    async send(message, { lateMs, plain, receipt, deadlineMs }) {
      const body = {
        ...(plain ? { content: cut(titleOf(message), 2_000) } : embedOf(message, lateMs)),
        allowed_mentions: { parse: [] },
      };
      const isEdit = receipt !== null && (message.event === 'ended' || message.event === 'acknowledged');
      const edited = isEdit ? await postJson(messageUrl(url, receipt), body, deadlineMs, { method: 'PATCH' }) : null;
      // Somebody deleted it: told anew.
      const isGone = edited?.kind === 'answer' && edited.status === 404;
      const answer = edited === null || isGone ? await postJson(executeUrl(url), body, deadlineMs) : edited;
      return outcomeOf(answer);
    },
  };
}

export function embedOf(message: Message, lateMs: number): { embeds: object[] } {
  const title = cut(titleOf(message), TITLE);
  const description = cut(escaped(linesBelow(message, lateMs).join('\n')), DESCRIPTION / 2);
  const footer = { text: `${message.alert} on ${message.host}` };
  let left = IN_ALL - title.length - description.length - footer.text.length;
  const fields = message.details.slice(0, FIELDS).flatMap(({ label, text }) => {
    const field = { name: cut(label, NAME), value: cut(escaped(text), VALUE), inline: text.length < 40 };
    left -= field.name.length + field.value.length;
    return left < 0 ? [] : [field];
  });
  const link = message.link === null ? {} : { url: message.link };
  return { embeds: [{ title, description, ...link, color: COLOURS[message.severity], fields, footer, timestamp: message.at }] };
}

/** With `wait` it answers with the message, and so with its id. */
function executeUrl(url: string): string {
  const execute = new URL(url);
  execute.searchParams.set('wait', 'true');
  return execute.href;
}

function messageUrl(url: string, id: string): string {
  const message = new URL(url);
  message.pathname = `${message.pathname.replace(/\/$/, '')}/messages/${encodeURIComponent(id)}`;
  return message.href;
}

function outcomeOf(answer: HttpAnswer): Outcome {
  const { id, retry_after: retryAfter } = jsonOf(answer);
  const outcome = judge(answer, typeof retryAfter === 'number' ? retryAfter * 1_000 : null);
  if (!outcome.ok || answer.kind === 'none') return outcome;
  const isSpent = textOf(answer.headers['x-ratelimit-remaining']) === '0';
  const resetMs = Number(textOf(answer.headers['x-ratelimit-reset-after'])) * 1_000;
  return {
    ok: true,
    answer: `${answer.status}`,
    ...(typeof id === 'string' ? { receipt: id } : {}),
    ...(isSpent && resetMs > 0 ? { waitMs: Math.min(resetMs, 60_000) } : {}),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\*_~`|>]/g, '\\$&');
}
