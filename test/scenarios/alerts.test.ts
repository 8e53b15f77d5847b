import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { payload } from '../../scripts/generate/alert-schema.ts';
import { Mailbox } from '../support/mailbox.ts';
import { until } from '../support/poll.ts';
import { Product, signal, type Victim } from '../support/product.ts';
import { Receiver } from '../support/receiver.ts';

suite('people are told', () => {
  const product = new Product();
  const hook = new Receiver();
  const hangs = new Receiver(() => 'hang');
  const beats = new Receiver();
  let mailbox: Mailbox;
  let victim: Victim;

  before(async () => {
    mailbox = await Mailbox.start();
    for (const receiver of [hook, hangs, beats]) await receiver.start();
    product.alerts.push(
      { type: 'webhook', url: hook.url, secret: 'hush' },
      { type: 'slack', url: hangs.url },
      { type: 'email', smtp: mailbox.url, from: 'lifeguard@example.org', to: ['night@example.org'] },
      { type: 'heartbeat', url: `${beats.url}/ping/uuid`, every: '1s' },
    );
    victim = await product.victim('api', { restart: { max_restarts: 1000, backoff: { initial: '300ms', factor: 1 } } });
    await product.start();
  });
  after(async () => {
    await product.dispose();
    await mailbox.stop();
    for (const receiver of [hook, hangs, beats]) await receiver.stop();
  });

  const events = () => hook.byKey().map(({ json }) => json.event);

  test('the dead man’s switch hears of the start, then of each second', async () => {
    await until('three pings', () => beats.received.length >= 3);
    assert.deepEqual(
      beats.received.slice(0, 3).map(({ method, path }) => `${method} ${path}`),
      ['GET /ping/uuid/start', 'GET /ping/uuid', 'GET /ping/uuid'],
    );
  });

  test('what its first restart cures is nobody’s business', async () => {
    const pid = await product.pidOf(victim);
    signal(pid, 'SIGKILL');
    await product.untilReplaced(victim, pid);
    await until('the end in the journal', () => product.decisions('api').includes('recover recovered'));
    assert.deepEqual(events(), []);
  });

  test('a crash loop is told over every channel that works, with what was seen and what to do', async () => {
    victim.tell({ exit: 1 });
    signal(await product.pidOf(victim), 'SIGKILL');
    await until('the webhook and the e-mail', () => hook.received.length > 0 && mailbox.mails.length > 0, { deadlineMs: 30_000 });
    const told = payload.parse(hook.received[0]?.json);
    assert.match(told.title, /^\[DOWN\] api on /);
    assert.equal(told.event, 'opened');
    assert.ok(told.lines.includes('To do: pm2 logs api'), told.lines.join('\n'));
    assert.equal(mailbox.mails[0]?.headers.subject, told.title);
    assert.match(String(hook.received[0]?.headers['x-lifeguard-signature']), /^sha256=[0-9a-f]{64}$/);
  });

  test('lifeguard is killed with SIGKILL while nobody takes its messages: its successor tells the end, once', async () => {
    hook.behaviour = () => ({ status: 503 });
    const { alert } = payload.parse(hook.received[0]?.json);
    const [lifeguard] = (await product.sandbox.list()).filter(({ name }) => name === 'lifeguard');
    signal(lifeguard?.pid, 'SIGKILL');
    victim.tell({});
    await product.untilState('api', 'healthy', 60_000);
    await until('a try', () => hook.received.length > 1, { deadlineMs: 60_000 });
    hook.behaviour = () => ({});
    await until('the end', () => events().includes('ended') && hook.received.length > 2, { deadlineMs: 60_000 });
    assert.deepEqual(events(), ['opened', 'ended']);
    assert.equal(payload.parse(hook.byKey()[1]?.json).alert, alert);
  });

  test('taking note of what is not open: said, with what is', async () => {
    const answer = await product.ask('acknowledge', 'api-99');
    assert.equal(answer.ok, false);
    assert.match(String(answer.error), /^no open alert is called api-99; no alert is open$/);
  });

  test('`lifeguard alerts test` proves each channel and shows the answer; `validate` names those that nobody has proven', async () => {
    hook.behaviour = () => ({ body: 'thank you' });
    await hangs.stop();
    const tried = await product.sandbox.lifeguard('alerts', 'test');
    assert.equal(tried.code, 1, tried.stdout + tried.stderr);
    assert.match(tried.stdout, /^webhook +took it +200 thank you$/m);
    assert.match(tried.stdout, /^email +took it +250 Message queued$/m);
    assert.match(tried.stdout, /^heartbeat +took it +/m);
    assert.match(tried.stdout, /^slack +failed +127\.0\.0\.1 refuses connections$/m);
    assert.equal(payload.parse(hook.received.at(-1)?.json).kind, 'test');
    const valid = await product.sandbox.lifeguard('validate');
    assert.match(valid.stderr, /note: alerts: slack has never been proven as configured now: npx lifeguard alerts test/);
  });
});
