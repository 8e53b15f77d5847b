import { z } from 'zod';
import { commandLine, scalarText, smtpUrl, someText, webUrl, withoutUndefined } from './schema-values.ts';

export const ALERT_KINDS = [
  'down',
  'gave-up',
  'degraded',
  'recovered',
  'port-taken',
  'disk-full',
  'memory',
  'misconfigured',
] as const;

const on = z
  .array(z.enum(ALERT_KINDS))
  .prefault([...ALERT_KINDS])
  .describe('What this channel is told.');

const webhook = z.strictObject({
  type: z.literal('webhook').describe('A POST with the alert as JSON.'),
  url: webUrl.describe('Where it is sent.'),
  headers: z
    .record(z.string(), scalarText.optional())
    .transform(withoutUndefined)
    .prefault({})
    .meta({ writeOnly: true })
    .describe('Further request headers, such as Authorization.'),
  on,
});

const slack = z.strictObject({
  type: z.literal('slack').describe('A message in a Slack channel.'),
  url: webUrl.describe("Slack's incoming webhook."),
  on,
});

const discord = z.strictObject({
  type: z.literal('discord').describe('A message in a Discord channel.'),
  url: webUrl.describe("Discord's webhook."),
  on,
});

const email = z.strictObject({
  type: z.literal('email').describe('An e-mail.'),
  smtp: smtpUrl.describe('The mail server, with user and password if it wants them.'),
  from: someText('address').describe('The sender.'),
  to: z.array(someText('address')).min(1).describe('The recipients.'),
  on,
});

const command = z.strictObject({
  type: z.literal('command').describe('A program that is run, without a shell; the alert comes as JSON on its stdin.'),
  command: commandLine.describe('The program and its arguments.'),
  on,
});

/** One way to tell people. */
export const alertChannel = z.discriminatedUnion('type', [webhook, slack, discord, email, command], {
  error: 'one of webhook, slack, discord, email, command as its type',
});
