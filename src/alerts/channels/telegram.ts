import type { MessageChannel } from '../../config/resolved.ts';
import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { bodyText, plainText } from '../message/plain.ts';
import { jsonOf, judge } from './answer.ts';
import type { Channel } from './channel.ts';
import { postJson } from './post.ts';

/** core.telegram.org/bots/api#sendmessage: characters after the mark-up is taken out. */
const LONGEST = 4_096;

/** 20 a minute in a group, one a second in a chat: the slower one. Later messages of a thread are replies to its first. */
export function openTelegram({ token, chat, api }: Extract<MessageChannel, { type: 'telegram' }>): Channel {
  const url = `${api.replace(/\/$/, '')}/bot${token}/sendMessage`;
  return {
    paceMs: 3_000,
    async send(message, { lateMs, plain, receipt, deadlineMs }) {
      const reply =
        receipt === null ? {} : { reply_parameters: { message_id: Number(receipt), allow_sending_without_reply: true } };
      const text = plain
        ? { text: cut(plainText(message, lateMs), LONGEST) }
        : { text: htmlOf(message, lateMs), parse_mode: 'HTML' };
      const quiet = { disable_notification: message.severity === 'info', link_preview_options: { is_disabled: true } };
      const answer = await postJson(url, { chat_id: chat, ...text, ...quiet, ...(plain ? {} : reply) }, deadlineMs);
      const { parameters, result } = jsonOf(answer) as {
        parameters?: { retry_after?: unknown };
        result?: { message_id?: unknown };
      };
      const pause = parameters?.retry_after;
      const outcome = judge(answer, typeof pause === 'number' ? pause * 1_000 : null);
      if (!outcome.ok) return outcome;
      const id = result?.message_id;
      return { ok: true, answer: outcome.answer, ...(typeof id === 'number' && receipt === null ? { receipt: String(id) } : {}) };
    },
  };
}

export function htmlOf(message: Message, lateMs: number): string {
  const title = cut(titleOf(message), 300);
  // A tenth is left for what the mark-up's entities take in a count by bytes.
  return `<b>${escaped(title)}</b>\n${escaped(cut(bodyText(message, lateMs), LONGEST - 400))}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
