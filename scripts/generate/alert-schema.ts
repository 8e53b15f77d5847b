import { z } from 'zod';
import type { Payload } from '../../src/alerts/channels/payload.ts';
import { ALERT_KINDS } from '../../src/config/schema/alerts.ts';

const time = z.iso.datetime().describe('ISO 8601 in UTC.');

/** What a webhook is sent and a command reads: the published contract. */
export const payload = z
  .strictObject({
    version: z.literal(1),
    key: z.string().describe('Of this message, for ever. What comes with a key that is known already has come twice: ignore it.'),
    thread: z.string().describe('The same for all messages about one alert.'),
    alert: z.string().describe('What people call it: `api-12`. `pm2 trigger lifeguard acknowledge api-12` ends its reminders.'),
    event: z
      .enum(['opened', 'worse', 'reminder', 'acknowledged', 'ended', 'past', 'note'])
      .describe(
        '`opened`, then any of `worse`, `reminder`, `acknowledged`, then `ended`, exactly once. `past`: it had begun and ended before it could be told. `note`: a thing by itself, such as a test.',
      ),
    kind: z.enum([...ALERT_KINDS, 'digest', 'test']).describe('As in the configuration, under `on`.'),
    severity: z.enum(['critical', 'warning', 'info']),
    drill: z.boolean().describe('It was brought about on purpose.'),
    host: z.string(),
    subjects: z
      .array(
        z.strictObject({
          name: z.string().describe('A backend, or what else is in trouble.'),
          incident: z.int().nullable().describe("Its number in incidents.jsonl; null: no backend's incident."),
          state: z.string().describe("A backend's state; empty where there is none."),
          over: z.boolean(),
        }),
      )
      .max(50)
      .describe('What it is about, 50 at most.'),
    count: z.int().describe('How many there are.'),
    at: time.describe('When this was to be told.'),
    openedAt: time.describe('The first sign of it.'),
    endedAt: time.nullable(),
    tag: z.string().describe('`DOWN`, `OK` and so on: the first word of the title.'),
    headline: z.string().describe('The rest of the title.'),
    lines: z.array(z.string()).describe('What is done, what comes next, what a person can do.'),
    details: z.array(z.strictObject({ label: z.string(), text: z.string() })),
    link: z.string().nullable().describe('dashboard.url.'),
    title: z.string().describe('`[DOWN] api on vm1: answers 503`'),
    text: z.string().describe('All of it as plain text.'),
    lateMs: z.int().min(0).describe('By how much it comes later than it was due.'),
  })
  .describe(
    'An alert of pm2-lifeguard, as a webhook is sent it and a command reads it from its stdin.',
  ) satisfies z.ZodType<Payload>;

export function alertSchema(): object {
  return z.toJSONSchema(payload, { target: 'draft-07' });
}
