import { createHmac } from 'node:crypto';
import type { MessageChannel } from '../../config/resolved.ts';
import { judge } from './answer.ts';
import type { Channel } from './channel.ts';
import { payloadOf } from './payload.ts';
import { postJson } from './post.ts';

/** A POST with the message as JSON. The key stands in a header too; a signature if there is a secret. */
export function openWebhook({ url, headers, secret }: Extract<MessageChannel, { type: 'webhook' }>): Channel {
  return {
    paceMs: 0,
    async send(message, { lateMs, deadlineMs }) {
      const body = JSON.stringify(payloadOf(message, lateMs));
      const signed = secret === null ? {} : { 'x-lifeguard-signature': signatureOf(body, secret) };
      return judge(await postJson(url, body, deadlineMs, { headers: { 'idempotency-key': message.key, ...signed, ...headers } }));
    },
  };
}

/** `sha256=` and the HMAC-SHA256 of the body's bytes in hex. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
