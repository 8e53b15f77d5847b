import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALERT_KINDS } from '../../../src/config/schema/alerts.ts';
import { HASTY, recordOf, Teller, webhook } from '../../support/alerting.ts';
import { until } from '../../support/poll.ts';
import { type Behaviour, Receiver } from '../../support/receiver.ts';
import { removeFolder } from '../../support/remove-folder.ts';

async function receiver(t: TestContext, behaviour?: Behaviour): Promise<Receiver> {
  const started = await Receiver.start(behaviour);
  t.after(() => started.stop());
  return started;
}

const events = (service: Receiver) => service.received.map(({ json }) => `${json.alert} ${json.event}`);

test('a line of the journal becomes a message in every channel, and its end too', async (t) => {
  const [one, two] = [await receiver(t), await receiver(t)];
  const teller = Teller.start(t, [webhook(one.url, 'one'), webhook(two.url, 'two')]);
  teller.begin('api');
  await until('both to be told', () => one.received.length === 1 && two.received.length === 1);
  teller.end('api');
  await until('both to be told of the end', () => one.received.length === 2 && two.received.length === 2);
  assert.deepEqual(events(one), ['api-1 opened', 'api-1 ended']);
  assert.deepEqual(teller.undelivered(), []);
});

test('what waits is on disk before it is sent, readable by this user alone', async (t) => {
  const service = await receiver(t, () => 'hang');
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.begin('api');
  await until('the request', () => service.received.length === 1);
  const folder = join(teller.folder, 'alerts');
  assert.match(readFileSync(join(folder, 'queue-hook.json'), 'utf8'), /api-1/);
  for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
});

test('a channel that hangs delays no other one', async (t) => {
  const [hangs, works] = [await receiver(t, () => 'hang'), await receiver(t)];
  const teller = Teller.start(t, [webhook(hangs.url, 'hangs'), webhook(works.url, 'works')], { ...HASTY, deadlineMs: 60_000 });
  for (const name of ['a', 'b', 'c']) teller.begin(name);
  await until('the other one to be told of all', () => works.received.length === 1, { deadlineMs: 5_000 });
  teller.end('a');
  await sleep(50);
  assert.equal(hangs.received.length, 1);
});

test('429 with Retry-After 3: not one request before that', async (t) => {
  const service = await receiver(t, (_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '3' } } : {}));
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.begin('api');
  await until('the second try', () => service.received.length === 2, { deadlineMs: 20_000 });
  const [first, second] = service.received;
  assert.ok((second?.at ?? 0) - (first?.at ?? 0) >= 2_990, `${(second?.at ?? 0) - (first?.at ?? 0)} ms`);
  assert.equal(first?.json.key, second?.json.key);
});

test('a service that is down for a while: everything comes, in order, under the same keys, each once', async (t) => {
  const service = await receiver(t, (_, count) => (count % 2 === 1 ? { status: 503 } : {}));
  const teller = Teller.start(t, [webhook(service.url)]);
  for (const name of ['a', 'b', 'c', 'd']) {
    teller.begin(name);
    await until(`${name} to be tried`, () => service.received.some(({ json }) => json.alert === `${name}-1`));
    if (name !== 'b') continue;
    await service.stop();
    await sleep(700);
    await service.start();
  }
  for (const name of ['a', 'b', 'c', 'd']) {
    const before = service.byKey().length;
    teller.end(name);
    await until(`the end of ${name}`, () => service.byKey().length > before);
  }
  await until(
    'an accepted end of d',
    () => service.received.filter(({ json }) => json.key === service.byKey().at(-1)?.json.key).length === 2,
  );
  assert.deepEqual(
    service.byKey().map(({ json }) => `${String(json.alert).charAt(0)} ${json.event}`),
    ['a opened', 'b opened', 'c opened', 'd opened', 'a ended', 'b ended', 'c ended', 'd ended'],
  );
});

test('what began and ended while a channel was down becomes one message, and says how late it is', async (t) => {
  const service = await receiver(t);
  await service.stop();
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.begin('api');
  await until(
    'a first try',
    () => JSON.parse(readFileSync(join(teller.folder, 'alerts/queue-hook.json'), 'utf8')).entries[0]?.tries > 0,
  );
  teller.end('api');
  await until('the end in the queue', () =>
    /WAS MISCONFIGURED/.test(readFileSync(join(teller.folder, 'alerts/queue-hook.json'), 'utf8')),
  );
  await service.start();
  await until('the message', () => service.received.length === 1);
  await sleep(300);
  assert.deepEqual(events(service), ['api-1 past']);
  assert.match(service.titles()[0] ?? '', /^\[WAS MISCONFIGURED\] api on vm1, for \d+ m?s: /);
});

test('a channel that fails is told of over the others, with its end; not over itself', async (t) => {
  const [fails, works] = [await receiver(t, () => ({ status: 500, body: 'no service' })), await receiver(t)];
  const teller = Teller.start(t, [webhook(fails.url, 'fails'), webhook(works.url, 'works')]);
  teller.begin('api');
  await until('word of it', () => works.received.length === 2);
  assert.match(
    works.titles()[1] ?? '',
    /^\[LIFEGUARD\] The channel fails on vm1: has failed since \d\d:\d\d UTC: 500 no service$/,
  );
  fails.behaviour = () => ({});
  await until('the end of it', () => works.received.length === 3);
  assert.deepEqual([...new Set(events(fails))], ['api-1 opened']);
});

test('a message that a service takes for malformed is sent once more with less in it, then given up; the next one is not held up', async (t) => {
  const service = await receiver(t, ({ json }) => (/bad/.test(String(json.text)) ? { status: 400, body: 'invalid_blocks' } : {}));
  const teller = Teller.start(t, [{ type: 'slack', name: 'slack', url: service.url, on: ALERT_KINDS }]);
  teller.begin('bad');
  teller.begin('good');
  await until('three requests', () => service.received.length >= 1);
  await until('the line in the journal', () => teller.undelivered().length === 1);
  const [full, plain] = service.received;
  assert.ok(full?.json.blocks !== undefined && plain?.json.blocks === undefined);
  assert.match(teller.undelivered()[0] ?? '', /^slack was not told "\[MISCONFIGURED\] .*": 400 invalid_blocks$/);
});

test('given up when it is too old, with a line in the journal; what is newer goes on', async (t) => {
  const service = await receiver(t);
  await service.stop();
  const teller = Teller.start(t, [webhook(service.url)], { ...HASTY, giveUpMs: 800, longestMs: 100 });
  teller.begin('old');
  await until('the line in the journal', () => teller.undelivered().length === 1);
  assert.match(
    teller.undelivered()[0] ?? '',
    /^hook was not told "\[MISCONFIGURED\] old on vm1: .*": it was tried (?:once|\d+ times): 127\.0\.0\.1 refuses connections$/,
  );
  teller.begin('new');
  await service.start();
  await until('the new one', () => service.received.length === 1);
  assert.deepEqual(events(service), ['new-1 opened']);
});

test('what was journalled while nobody told is told at the next start, and nothing from before the first one', async (t) => {
  const service = await receiver(t);
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.begin('first');
  await until('the first', () => service.received.length === 1);
  teller.stop();
  teller.begin('meanwhile');
  teller.end('first');
  teller.start();
  teller.begin('after');
  const told = () =>
    service.byKey().flatMap(({ json }) => (json.subjects as { name: string }[]).map(({ name }) => `${name} ${json.event}`));
  await until('all of it', () => told().length === 4);
  assert.deepEqual(told().sort(), ['after opened', 'first ended', 'first opened', 'meanwhile opened']);
});

test('a journal that says a thing that no lifeguard says costs nothing but that thing', async (t) => {
  const service = await receiver(t);
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.line({ ...recordOf('api', 'fail', 'crashed', 'x'), reason: null } as never);
  teller.begin('web');
  await until('the other one', () => service.received.length === 1);
  assert.deepEqual(events(service), ['web-1 opened']);
  assert.ok(teller.said.some((line) => line.startsWith('alerts: nothing is told of')));
});

test('a plan that is damaged is set aside, and said', async (t) => {
  const service = await receiver(t);
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.stop();
  mkdirSync(join(teller.folder, 'alerts'), { recursive: true });
  writeFileSync(join(teller.folder, 'alerts/plan.json'), '{"version":1,"sta');
  teller.start();
  teller.begin('api');
  await until('the message', () => service.received.length === 1);
  assert.ok(teller.said.some((line) => /plan\.json is damaged: set aside as/.test(line)));
});

test('somebody takes note: said whom, and told to services that take note of it', async (t) => {
  const service = await receiver(t);
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.begin('api');
  await until('the message', () => service.received.length === 1);
  assert.deepEqual(teller.alerting.acknowledge('nothing'), { acknowledged: [], open: ['api-1'] });
  assert.deepEqual(teller.alerting.acknowledge('api-1').acknowledged, ['api-1']);
  await until('word of it', () => service.received.length === 2);
  assert.deepEqual(events(service)[1], 'api-1 acknowledged');
});

test('a folder that cannot be written: said once, and people are told all the same', async (t) => {
  const service = await receiver(t);
  const teller = Teller.start(t, [webhook(service.url)]);
  teller.stop();
  await removeFolder(join(teller.folder, 'alerts'));
  writeFileSync(join(teller.folder, 'alerts'), 'no folder');
  teller.start();
  teller.begin('api');
  teller.begin('web');
  await until(
    'both',
    () => service.received.length >= 1 && /api/.test(service.titles().join()) && /web/.test(service.titles().join()),
  );
  assert.equal(teller.said.filter((line) => /^cannot write .*after a restart of lifeguard/.test(line)).length, 1);
});
