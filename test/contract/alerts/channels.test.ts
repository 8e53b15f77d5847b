import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { payload } from '../../../scripts/generate/alert-schema.ts';
import type { Outcome, Sending } from '../../../src/alerts/channels/channel.ts';
import { openChannel } from '../../../src/alerts/channels/open.ts';
import type { Message } from '../../../src/alerts/message/message.ts';
import type { MessageChannel } from '../../../src/config/resolved.ts';
import { ALERT_KINDS } from '../../../src/config/schema/alerts.ts';
import { Mailbox } from '../../support/mailbox.ts';
import { hugeMessage, laterOf, messageOf } from '../../support/messages.ts';
import { until } from '../../support/poll.ts';
import { freePort } from '../../support/port.ts';
import { type Behaviour, Receiver } from '../../support/receiver.ts';

const SENDING: Sending = { lateMs: 0, plain: false, receipt: null, deadlineMs: 5_000 };

type Config = MessageChannel extends infer Each ? (Each extends MessageChannel ? Omit<Each, 'on' | 'name'> : never) : never;

async function send(config: Config, message: Message, sending: Partial<Sending> = {}): Promise<Outcome> {
  const channel = await openChannel({ ...config, name: config.type, on: ALERT_KINDS } as MessageChannel, process.env);
  return channel.send(message, { ...SENDING, ...sending });
}

async function receiver(t: TestContext, behaviour?: Behaviour): Promise<Receiver> {
  const started = await Receiver.start(behaviour);
  t.after(() => started.stop());
  return started;
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'lifeguard-alerts-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('webhook: the published schema, an idempotency key, a signature of the body, headers of one’s own', async (t) => {
  const service = await receiver(t);
  const config = {
    type: 'webhook',
    url: `${service.url}/hook?a=b`,
    headers: { Authorization: 'Bearer x' },
    secret: 'hush',
  } as const;
  for (const message of [messageOf(), laterOf('ended'), hugeMessage()]) await send(config, message, { lateMs: 840_000 });
  for (const { json } of service.received) payload.parse(json);
  const [first] = service.received;
  assert.equal(first?.path, '/hook?a=b');
  assert.equal(first?.headers.authorization, 'Bearer x');
  assert.equal(first?.headers['idempotency-key'], 'api-12-mwye8hks/opened');
  const signature = createHmac('sha256', 'hush')
    .update(first?.body ?? '')
    .digest('hex');
  assert.equal(first?.headers['x-lifeguard-signature'], `sha256=${signature}`);
  assert.match(String(first?.json.text), /^\[DOWN\] api on vm1: .*\nDelivered 14 min late\.\n/);
});

test('Slack: blocks within its limits, nothing that it takes for mark-up', async (t) => {
  const service = await receiver(t);
  await send({ type: 'slack', url: service.url }, messageOf());
  await send({ type: 'slack', url: service.url }, hugeMessage());
  const [first] = service.received;
  assert.match(first?.body ?? '', /&lt;b&gt;&amp;amp;&lt;\/b&gt;/);
  for (const { json } of service.received) {
    const blocks = json.blocks as { type: string; text?: { text: string }; fields?: { text: string }[] }[];
    assert.ok(blocks.length <= 50);
    for (const { type, text, fields = [] } of blocks) {
      assert.ok((text?.text.length ?? 0) <= (type === 'header' ? 150 : 3_000), type);
      assert.ok(fields.length <= 10);
      for (const field of fields) assert.ok(field.text.length <= 2_000);
    }
  }
});

test('Discord: embeds within its limits; the end changes the message that told the beginning', async (t) => {
  const service = await receiver(t, ({ method, path }) =>
    method === 'PATCH' && path.includes('/messages/gone')
      ? { status: 404, body: '{"message":"Unknown Message","code":10008}' }
      : { body: '{"id":"42"}' },
  );
  const config = { type: 'discord', url: `${service.url}/api/webhooks/1/tok?thread_id=7` } as const;
  assert.deepEqual(await send(config, messageOf()), { ok: true, answer: '200', receipt: '42' });
  await send(config, laterOf('reminder'), { receipt: '42' });
  await send(config, laterOf('ended'), { receipt: '42' });
  await send(config, laterOf('ended'), { receipt: 'gone' });
  await send(config, hugeMessage());
  assert.deepEqual(
    service.received.map(({ method, path }) => `${method} ${path}`),
    [
      'POST /api/webhooks/1/tok?thread_id=7&wait=true',
      'POST /api/webhooks/1/tok?thread_id=7&wait=true',
      'PATCH /api/webhooks/1/tok/messages/42?thread_id=7',
      'PATCH /api/webhooks/1/tok/messages/gone?thread_id=7',
      'POST /api/webhooks/1/tok?thread_id=7&wait=true',
      'POST /api/webhooks/1/tok?thread_id=7&wait=true',
    ],
  );
  for (const { json } of service.received) {
    assert.deepEqual(json.allowed_mentions, { parse: [] });
    const [embed] = json.embeds as {
      title: string;
      description: string;
      fields: { name: string; value: string }[];
      footer: { text: string };
    }[];
    assert.ok(embed && embed.title.length <= 256 && embed.description.length <= 4_096 && embed.fields.length <= 25);
    for (const { name, value } of embed.fields) assert.ok(name.length <= 256 && value.length <= 1_024 && value !== '');
    const texts = [
      embed.title,
      embed.description,
      embed.footer.text,
      ...embed.fields.flatMap(({ name, value }) => [name, value]),
    ];
    assert.ok(texts.join('').length <= 6_000);
  }
});

test('Discord says how long to wait, in a header or in the body', async (t) => {
  const spent = { headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' }, body: '{"id":"1"}' };
  const service = await receiver(t, (_, count) =>
    count === 1 ? spent : { status: 429, body: '{"retry_after":0.75,"global":false}' },
  );
  const config = { type: 'discord', url: service.url } as const;
  assert.deepEqual(await send(config, messageOf()), { ok: true, answer: '200', receipt: '1', waitMs: 1_500 });
  const limited = await send(config, messageOf());
  assert.ok(!limited.ok && limited.retryAfterMs === 750 && !limited.refused && !limited.maybeReceived);
});

test('Telegram: HTML within its limit, later ones as replies; its token is in no answer', async (t) => {
  const service = await receiver(t, (_, count) =>
    count < 4
      ? { body: '{"ok":true,"result":{"message_id":77}}' }
      : { status: 429, body: '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":3}}' },
  );
  const config = { type: 'telegram', token: '123:SECRET', chat: '-1001', api: service.url } as const;
  const first = await send(config, messageOf());
  assert.ok(first.ok && first.receipt === '77');
  await send(config, laterOf('ended'), { receipt: '77' });
  await send(config, hugeMessage());
  const limited = await send(config, messageOf());
  assert.ok(!limited.ok && limited.retryAfterMs === 3_000);
  assert.doesNotMatch(limited.answer, /SECRET/);
  const [opened, ended, huge] = service.received;
  assert.equal(opened?.path, '/bot123:SECRET/sendMessage');
  assert.match(String(opened?.json.text), /^<b>\[DOWN\] api on vm1.*<\/b>\n/);
  assert.deepEqual(ended?.json.reply_parameters, { message_id: 77, allow_sending_without_reply: true });
  assert.equal(ended?.json.disable_notification, true);
  assert.ok(String(huge?.json.text).length <= 4_096);
});

test('ntfy: JSON to the server with the topic in it, 4,096 bytes at most', async (t) => {
  const service = await receiver(t);
  const config = { type: 'ntfy', url: `${service.url}/below/night-shift`, token: 'tk_1' } as const;
  await send(config, messageOf());
  await send(config, hugeMessage());
  const [first, huge] = service.received;
  assert.equal(first?.path, '/below');
  assert.equal(first?.headers.authorization, 'Bearer tk_1');
  assert.equal(first?.json.topic, 'night-shift');
  assert.equal(first?.json.priority, 5);
  assert.ok(Buffer.byteLength(String(huge?.json.message)) <= 4_096);
  assert.ok(Buffer.byteLength(String(huge?.json.title)) <= 250);
});

test('Microsoft Teams: an Adaptive Card of 28 KB at most', async (t) => {
  const service = await receiver(t, () => ({ status: 202, body: '' }));
  const outcome = await send({ type: 'teams', url: service.url }, messageOf());
  await send({ type: 'teams', url: service.url }, hugeMessage());
  assert.deepEqual(outcome, { ok: true, answer: '202' });
  for (const { body, json } of service.received) {
    assert.ok(Buffer.byteLength(body) <= 28_000, `${Buffer.byteLength(body)} bytes`);
    const [attachment] = json.attachments as { contentType: string; content: { type: string; body: object[] } }[];
    assert.equal(attachment?.contentType, 'application/vnd.microsoft.card.adaptive');
    assert.equal(attachment?.content.type, 'AdaptiveCard');
  }
});

test('PagerDuty: trigger, acknowledge and resolve under one key; what is over already is closed at once; no reminders', async (t) => {
  const service = await receiver(t, () => ({ status: 202, body: '{"status":"success","message":"Event processed"}' }));
  const config = { type: 'pagerduty', routingKey: 'r'.repeat(32), url: `${service.url}/v2/enqueue` } as const;
  for (const event of ['opened', 'worse', 'reminder', 'acknowledged', 'ended', 'past'] as const)
    await send(config, laterOf(event));
  assert.deepEqual(
    service.received.map(({ json }) => json.event_action),
    ['trigger', 'trigger', 'acknowledge', 'resolve', 'trigger', 'resolve'],
  );
  assert.deepEqual(new Set(service.received.map(({ json }) => json.dedup_key)), new Set(['api-12-mwye8hks']));
  await send(config, hugeMessage());
  const { summary } = (service.received.at(-1)?.json.payload ?? { summary: '' }) as { summary: string };
  assert.ok([...summary].length <= 1_024);
});

test('e-mail: one thread by Message-ID, plain and HTML, to everybody', async (t) => {
  const mailbox = await Mailbox.start();
  t.after(() => mailbox.stop());
  const config = {
    type: 'email',
    smtp: mailbox.url,
    from: 'lifeguard@example.org',
    to: ['a@example.org', 'b@example.org'],
  } as const;
  const outcome = await send(config, messageOf());
  assert.deepEqual(outcome, { ok: true, answer: '250 Message queued' });
  await send(config, laterOf('ended'));
  const [first, second] = mailbox.mails;
  assert.deepEqual(first?.to, ['a@example.org', 'b@example.org']);
  assert.equal(first?.headers.subject, '[DOWN] api on vm1: answers 503, and database is down');
  assert.equal(second?.headers['in-reply-to'], first?.headers['message-id']);
  assert.equal(second?.headers.references, first?.headers['message-id']);
  assert.notEqual(second?.headers['message-id'], first?.headers['message-id']);
  assert.equal(first?.headers['auto-submitted'], 'auto-generated');
  assert.match(first?.source ?? '', /text\/plain[\s\S]*text\/html/);
});

test('e-mail: a server that refuses a password, or says nothing, is told as that', async (t) => {
  const strict = await Mailbox.start({
    authOptional: false,
    onAuth: (_auth, _session, callback) => callback(new Error('no such user')),
  });
  t.after(() => strict.stop());
  const mail = { type: 'email', from: 'a@example.org', to: ['b@example.org'] } as const;
  const refused = await send({ ...mail, smtp: strict.url.replace('//', '//me:pa55word@') }, messageOf());
  assert.ok(!refused.ok && !refused.maybeReceived && !refused.refused);
  assert.match(refused.answer, /no such user/);
  assert.doesNotMatch(refused.answer, /pa55word/);
  const silent = await receiver(t, () => 'hang');
  const hung = await send({ ...mail, smtp: `smtp://127.0.0.1:${silent.port}` }, messageOf(), { deadlineMs: 300 });
  assert.ok(!hung.ok);
});

test('command: JSON on stdin, no shell, its exit status decides; it is ended with what it started', async (t) => {
  const dir = folder(t);
  const [out, script] = [join(dir, 'out.json'), join(dir, 'tell.sh')];
  writeFileSync(script, `#!/bin/sh\ncat > ${out}\necho "told $1"\n`);
  chmodSync(script, 0o755);
  const command = { type: 'command', program: script, args: ['$HOME; exit 3'], timeoutMs: 10_000 } as const;
  assert.deepEqual(await send(command, messageOf()), { ok: true, answer: 'exit code 0: told $HOME; exit 3' });
  payload.parse(JSON.parse(readFileSync(out, 'utf8')));

  const fails = await send({ ...command, program: '/bin/sh', args: ['-c', 'echo no room >&2; exit 3'] }, messageOf());
  assert.ok(!fails.ok && fails.maybeReceived && fails.answer === 'it ended with exit code 3: no room');
  const missing = await send({ ...command, program: join(dir, 'nothing') }, messageOf());
  assert.ok(!missing.ok && !missing.maybeReceived && /was not found$/.test(missing.answer));

  const mark = join(dir, 'mark');
  const slow = await send(
    { ...command, program: '/bin/sh', args: ['-c', `(sleep 1; touch ${mark}) & wait`], timeoutMs: 300 },
    messageOf(),
  );
  assert.ok(!slow.ok && slow.answer === 'it did not end within 0.3 s');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  assert.ok(!existsSync(mark));
});

test('a service that hangs, sends a megabyte or less than it said: an outcome within the deadline', async (t) => {
  const hangs = await receiver(t, () => 'hang');
  const began = performance.now();
  const hung = await send({ type: 'slack', url: hangs.url }, messageOf(), { deadlineMs: 400 });
  assert.ok(!hung.ok && hung.maybeReceived && hung.answer === 'no answer within 0.4 s');
  assert.ok(performance.now() - began < 5_000);
  const chatty = await receiver(t, () => ({ status: 500, body: 'x'.repeat(1_000_000) }));
  const told = await send({ type: 'slack', url: chatty.url }, messageOf());
  assert.ok(!told.ok && told.answer.length <= 200);
  // Its status says that it has the message.
  const liar = await receiver(t, () => ({ headers: { 'content-length': '1000' }, body: 'ok' }));
  assert.ok((await send({ type: 'slack', url: liar.url }, messageOf(), { deadlineMs: 2_000 })).ok);
});

test('what is wrong is told in words, without the URL', async (t) => {
  const port = await freePort();
  const refused = await send({ type: 'slack', url: `http://127.0.0.1:${port}/services/T0/SECRET` }, messageOf());
  assert.deepEqual(refused, {
    ok: false,
    answer: '127.0.0.1 refuses connections',
    maybeReceived: false,
    refused: false,
    retryAfterMs: null,
  });
  const service = await receiver(t, (_, count) =>
    count === 1
      ? { status: 302, headers: { location: '/login' } }
      : { status: 429, headers: { 'retry-after': '3' }, body: 'rate limited' },
  );
  const moved = await send({ type: 'slack', url: service.url }, messageOf());
  assert.ok(!moved.ok && /a redirect/.test(moved.answer));
  const limited = await send({ type: 'slack', url: service.url }, messageOf());
  assert.deepEqual(limited, { ok: false, answer: '429 rate limited', maybeReceived: false, refused: false, retryAfterMs: 3_000 });
  await until('both to have come', () => service.received.length === 2);
});
