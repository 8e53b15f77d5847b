import { z } from 'zod';
import { commandLine, duration, scalarText, smtpUrl, someText, text, webUrl, withoutUndefined } from './values.ts';

export const ALERT_KINDS = [
  'down',
  'gave-up',
  'degraded',
  'flapping',
  'recovered',
  'port-taken',
  'disk-full',
  'memory',
  'cpu',
  'misconfigured',
  'lifeguard',
] as const;

/** A channel's own name is part of a file's name, and a word of a command line. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,30}[A-Za-z0-9])?$/;

const name = text('name', NAME, 'a name of letters, digits, . _ and - (32 at most)')
  .optional()
  .describe('What it is called: `lifeguard alerts test NAME`. Without one: its type, the second of a type `slack-2` and so on.');

const on = z
  .array(z.enum([...ALERT_KINDS, 'digest']))
  .prefault([...ALERT_KINDS])
  .describe(
    'What this channel is told. `recovered`: the end of what it was told; `lifeguard`: trouble of its own, such as another channel that fails; `digest`: once a day what a first restart cured.',
  );

const secret = (meaning: string) => someText('text').nullable().prefault(null).meta({ writeOnly: true }).describe(meaning);

const webhook = z.strictObject({
  type: z.literal('webhook').describe('A POST with the alert as JSON, as alert.schema.json has it.'),
  name,
  url: webUrl.describe('Where it is sent.'),
  headers: z
    .record(z.string(), scalarText.optional())
    .transform(withoutUndefined)
    .prefault({})
    .meta({ writeOnly: true })
    .describe('Further request headers, such as Authorization.'),
  secret: secret('Signs the body: `X-Lifeguard-Signature: sha256=` and its HMAC-SHA256 in hex. null: not signed.'),
  on,
});

const slack = z.strictObject({
  type: z.literal('slack').describe('A message in a Slack channel.'),
  name,
  url: webUrl.describe("Slack's incoming webhook."),
  on,
});

const discord = z.strictObject({
  type: z.literal('discord').describe('A message in a Discord channel.'),
  name,
  url: webUrl.describe("Discord's webhook."),
  on,
});

const email = z.strictObject({
  type: z.literal('email').describe('An e-mail.'),
  name,
  smtp: smtpUrl.describe('The mail server, with user and password if it wants them.'),
  from: someText('address').describe('The sender.'),
  to: z.array(someText('address')).min(1).describe('The recipients.'),
  on,
});

const command = z.strictObject({
  type: z.literal('command').describe('A program that is run, without a shell; the alert comes as JSON on its stdin.'),
  name,
  command: commandLine.describe('The program and its arguments.'),
  timeout: duration({ least: 100, most: 600_000 })
    .prefault('10s')
    .describe('It has ended with exit code 0 within this, or it has failed and is ended.'),
  on,
});

const telegram = z.strictObject({
  type: z.literal('telegram').describe('A message of a Telegram bot.'),
  name,
  token: someText('text').meta({ writeOnly: true }).describe("The bot's token, from @BotFather."),
  chat: scalarText.describe('The id of the chat that it writes to, or @channelname.'),
  api: webUrl.prefault('https://api.telegram.org').describe('The Bot API server.'),
  on,
});

const ntfy = z.strictObject({
  type: z.literal('ntfy').describe('A push notification by ntfy.'),
  name,
  url: webUrl.describe('The topic: https://ntfy.sh/NAME, or one on a server of your own.'),
  token: secret('An access token. null: none is needed.'),
  on,
});

const teams = z.strictObject({
  type: z.literal('teams').describe('A card in Microsoft Teams.'),
  name,
  url: webUrl.describe('The URL of a workflow that posts to a channel when a webhook request is received.'),
  on,
});

const pagerduty = z.strictObject({
  type: z.literal('pagerduty').describe('A PagerDuty incident, acknowledged and resolved with the alert.'),
  name,
  routing_key: someText('text').meta({ writeOnly: true }).describe('The integration key of Events API v2.'),
  url: webUrl
    .prefault('https://events.pagerduty.com/v2/enqueue')
    .describe('Of the EU service region: https://events.eu.pagerduty.com/v2/enqueue.'),
  on,
});

const heartbeat = z.strictObject({
  type: z
    .literal('heartbeat')
    .describe(
      "A GET to a dead man's switch, such as healthchecks.io, while every backend's checks go on: so a dead machine is noticed too.",
    ),
  name,
  url: webUrl.describe('The ping URL; `/start` and `/fail` are added to its path.'),
  every: duration({ least: 1_000, most: 86_400_000 }).prefault('1m').describe('Between two pings.'),
});

/** One way to tell people. */
export const alertChannel = z.discriminatedUnion(
  'type',
  [webhook, slack, discord, email, command, telegram, ntfy, teams, pagerduty, heartbeat],
  { error: 'one of webhook, slack, discord, email, command, telegram, ntfy, teams, pagerduty, heartbeat as its type' },
);
