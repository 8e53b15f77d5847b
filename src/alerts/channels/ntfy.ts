import type { MessageChannel } from '../../config/resolved.ts';
import { type Message, titleOf } from '../message/message.ts';
import { bodyText, cutBytes } from '../message/plain.ts';
import { judge } from './answer.ts';
import type { Channel } from './channel.ts';
import { postJson } from './post.ts';

/** docs.ntfy.sh/publish/#limitations: a longer message becomes an attachment. */
const MESSAGE_BYTES = 4_096;
const TITLE_BYTES = 250;

const PRIORITY = { critical: 5, warning: 4, info: 3 } as const;
const TAGS = { critical: 'rotating_light', warning: 'warning', info: 'white_check_mark' } as const;

/** ntfy.sh takes 60 at once and then one in 5 s. */
export function openNtfy({ url, token }: Extract<MessageChannel, { type: 'ntfy' }>): Channel {
  const { server, topic } = partsOf(url);
  return {
    paceMs: 1_000,
    async send(message, { lateMs, deadlineMs }) {
      const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      return judge(await postJson(server, { topic, ...notificationOf(message, lateMs) }, deadlineMs, { headers }));
    },
  };
}

export function notificationOf(message: Message, lateMs: number) {
  return {
    title: cutBytes(titleOf(message), TITLE_BYTES),
    message: cutBytes(bodyText(message, lateMs), MESSAGE_BYTES),
    priority: message.event === 'note' ? 3 : PRIORITY[message.severity],
    tags: [TAGS[message.severity]],
    ...(message.link === null ? {} : { click: message.link }),
  };
}

/** JSON goes to the server itself, with the topic's name in it. */
function partsOf(url: string): { server: string; topic: string } {
  const { origin, pathname } = new URL(url);
  const [topic = '', ...before] = pathname.split('/').filter(Boolean).reverse();
  return { server: [origin, ...before.reverse()].join('/'), topic: decodeURIComponent(topic) };
}
