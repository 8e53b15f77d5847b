import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertStory, HOUR, MINUTE, NIGHT, PHONE, SECOND, setupOf } from '../../support/alert-story.ts';

const ONE = setupOf(['api']);
const SEVERAL = setupOf(['api', 'web', 'worker']);

/** It crashed and was started again; well a second later unless `until`. */
function cured(story: AlertStory, backend: string, incident: number): void {
  story.line(backend, 'fail', { incident, cause: 'crash', code: 'crashed', text: 'It ended with exit code 1.' });
  story.line(backend, 'restart', { incident, cause: 'crash', code: 'crashed', text: 'It ended with exit code 1.', restarts: 1 });
  story.pass(SECOND);
  story.line(backend, 'recover', { incident, cause: 'crash', code: 'recovered', to: 'healthy', sinceFailureMs: SECOND });
}

function uncured(story: AlertStory, backend: string, incident: number): void {
  story.line(backend, 'fail', { incident, cause: 'crash', code: 'crashed', text: 'It ended with exit code 1.' });
  story.line(backend, 'restart', { incident, cause: 'crash', code: 'crashed', text: 'It ended with exit code 1.', restarts: 1 });
  story.pass(SECOND);
  const text = 'It ended with exit code 1. It is started again in 4 s.';
  story.line(backend, 'hold', { incident, cause: 'crash', code: 'backoff', text, restarts: 1, sinceFailureMs: SECOND });
}

function recovered(story: AlertStory, backend: string, incident: number): void {
  story.line(backend, 'recover', { incident, cause: 'crash', code: 'recovered', to: 'healthy' });
}

test('what its first restart cures is no alert', () => {
  const story = new AlertStory(SEVERAL);
  cured(story, 'api', 1);
  story.pass(2 * HOUR);
  assert.deepEqual(story.titles(), []);
});

test('what its first restart does not cure is told within 10 s, and gets exactly one end', () => {
  const story = new AlertStory(SEVERAL);
  uncured(story, 'api', 1);
  story.pass(20 * SECOND);
  recovered(story, 'api', 1);
  story.pass(2 * HOUR);
  assert.deepEqual(story.titles(), ['[DOWN] api on vm1: ended with exit code 1', '[OK] api on vm1: well again after 21 s']);
  const [down, ok] = story.told;
  assert.equal((down?.at ?? 0) - NIGHT, 11 * SECOND);
  assert.equal(down?.message.thread, ok?.message.thread);
  assert.notEqual(down?.message.key, ok?.message.key);
});

test('with one backend there is nobody to wait for: it is told at once', () => {
  const story = new AlertStory(ONE);
  uncured(story, 'api', 1);
  assert.deepEqual(story.titles(), ['[DOWN] api on vm1: ended with exit code 1']);
});

test('what comes to its end before it was told is one message', () => {
  const story = new AlertStory(SEVERAL);
  uncured(story, 'api', 1);
  story.pass(4 * SECOND);
  recovered(story, 'api', 1);
  story.pass(HOUR);
  assert.deepEqual(story.titles(), ['[WAS DOWN] api on vm1, for 5 s: ended with exit code 1']);
});

test('a dependency that is away: told after 2 min, with what is waited for and where to look', () => {
  const story = new AlertStory(ONE);
  const text = "It answers 503, and database is down: a restart can't help, so it is left alone.";
  story.line('api', 'hold', { to: 'degraded', cause: '503', code: 'dependency-down', text });
  story.pass(119 * SECOND);
  assert.deepEqual(story.titles(), []);
  story.pass(SECOND);
  assert.deepEqual(story.titles(), ['[DEGRADED] api on vm1: answers 503, and database is down']);
  assert.deepEqual(story.told[0]?.message.lines, [
    'Restarts are held; next: when database is back.',
    'Nothing to do, or: pm2 logs database',
  ]);
  story.pass(8 * MINUTE);
  story.line('api', 'recover', { code: 'recovered', to: 'healthy', sinceFailureMs: 10 * MINUTE });
  assert.deepEqual(story.titles().slice(1), ['[OK] api on vm1: well again after 10 min']);
  assert.deepEqual(story.told[1]?.message.lines, [
    'From 2026-11-27 03:00 UTC to 03:10 UTC: answers 503, and database is down.',
    'Database came back.',
  ]);
});

test('backends that wait for the same service, whenever they notice: one message, one end', () => {
  const story = new AlertStory(SEVERAL);
  const text = "It answers 503, and database is down: a restart can't help, so it is left alone.";
  for (const backend of ['api', 'web', 'worker']) {
    story.line(backend, 'hold', { to: 'degraded', cause: '503', code: 'dependency-down', text });
    story.pass(MINUTE);
  }
  story.pass(5 * MINUTE);
  for (const backend of ['api', 'web', 'worker']) recovered(story, backend, 1);
  story.pass(HOUR);
  assert.deepEqual(
    story.told.map(({ message }) => message.event),
    ['opened', 'ended'],
  );
  assert.equal(story.told[1]?.message.count, 3);
});

test('twenty that fail in the same second: one message, one end, however unevenly they show it', () => {
  const names = Array.from({ length: 20 }, (_, i) => `api-${i}`);
  const story = new AlertStory(setupOf(names));
  const seen = { cause: 'crash', code: 'crashed', text: 'It ended with exit code 1.' } as const;
  for (const name of names) story.line(name, 'fail', seen);
  for (const name of names) story.line(name, 'restart', { ...seen, restarts: 1 });
  // The first shows after 2 s that its restart did not help, the others later and later.
  for (const name of names) {
    story.pass(2 * SECOND);
    story.line(name, 'hold', { ...seen, code: 'backoff', restarts: 1 });
  }
  for (const name of names) {
    story.pass(MINUTE);
    recovered(story, name, 1);
  }
  story.pass(2 * HOUR);
  assert.deepEqual(
    story.told.map(({ message }) => [message.event, message.count]),
    [
      ['opened', 20],
      ['ended', 20],
    ],
  );
});

test('it gave up: told at once as a turn for the worse of what was told, once', () => {
  const story = new AlertStory(ONE);
  uncured(story, 'api', 1);
  story.pass(MINUTE);
  const text =
    'It ended with exit code 1. 10 restarts within 10 min are the limit: it is stopped for 15 min, then there is one trial.';
  story.line('api', 'give-up', { to: 'exhausted', cause: 'crash', code: 'limit-reached', text, restarts: 10 });
  assert.equal(story.titles().at(-1), '[GAVE UP] api on vm1: ended with exit code 1');
  assert.deepEqual(story.told.at(-1)?.message.lines, [
    'It is stopped (10 of 10 restarts used); next: one trial at 03:16 UTC.',
    'To do: mend it, then: pm2 trigger lifeguard reset api',
  ]);
  story.pass(15 * MINUTE);
  story.line('api', 'restart', { cause: 'crash', code: 'cool-down-over', to: 'restarting', restarts: 11 });
  story.line('api', 'give-up', {
    to: 'exhausted',
    cause: 'crash',
    code: 'trial-failed',
    text: 'The trial failed.',
    restarts: 11,
  });
  story.pass(30 * MINUTE);
  assert.equal(story.told.length, 2);
});

test('reminders after 1 h, 4 h, then daily, until somebody takes note', () => {
  const story = new AlertStory(ONE);
  uncured(story, 'api', 7);
  const began = story.now;
  story.pass(73 * HOUR);
  assert.deepEqual(
    story.told.map(({ at }) => (at - began) / HOUR),
    [0, 1, 4, 24, 48, 72],
  );
  assert.match(story.titles()[2] ?? '', /^\[STILL DOWN\] api on vm1, for 4 h: /);
  story.happen({ type: 'acknowledge', id: 'api-7', at: story.now });
  assert.equal(story.told.at(-1)?.message.event, 'acknowledged');
  story.pass(240 * HOUR);
  assert.equal(story.told.length, 7);
  recovered(story, 'api', 7);
  assert.equal(story.told.at(-1)?.message.event, 'ended');
});

test('a maintenance window: nothing is told while it lasts, and what was told is not called to mind', () => {
  const story = new AlertStory(ONE);
  story.line('api', 'pause', { cause: 'operator', code: 'paused' });
  uncured(story, 'api', 1);
  story.pass(HOUR);
  assert.deepEqual(story.titles(), []);
  story.line('api', 'resume', { cause: 'operator', code: 'paused' });
  assert.equal(story.told.length, 1);
  story.line('api', 'pause', { cause: 'operator', code: 'paused' });
  story.pass(5 * HOUR);
  assert.equal(story.told.length, 1);
});

test('an operator who stops it, and a backend that is no longer configured, are an end too', () => {
  const story = new AlertStory(SEVERAL);
  uncured(story, 'api', 1);
  story.pass(MINUTE);
  story.line('api', 'stop', { cause: 'crash', code: 'operator', text: 'An operator stopped it.', to: 'stopped' });
  assert.equal(story.titles().at(-1), '[CLOSED] api on vm1: an operator stopped it');

  const gone = new AlertStory(setupOf(['web']));
  uncured(gone, 'api', 1);
  gone.pass(MINUTE);
  gone.happen({ type: 'watching', at: gone.now });
  assert.equal(gone.titles().at(-1), '[CLOSED] api on vm1: is not watched any more');
  gone.pass(240 * HOUR);
  assert.equal(gone.told.length, 2);
});

test('a channel is told what it asked for, and the end of what it was told, nothing else', () => {
  const channels = [
    { ...PHONE, name: 'all' },
    { ...PHONE, name: 'only-gave-up', on: ['gave-up', 'recovered'] as const },
    { ...PHONE, name: 'only-memory', on: ['memory', 'recovered'] as const },
    { ...PHONE, name: 'no-ends', on: ['down'] as const },
  ];
  const story = new AlertStory(setupOf(['api'], { channels }));
  uncured(story, 'api', 1);
  story.line('api', 'give-up', { to: 'exhausted', cause: 'crash', code: 'limit-reached', restarts: 10 });
  recovered(story, 'api', 1);
  const byChannel = (name: string) =>
    story.told.flatMap(({ channels: to, message }) => (to.includes(name) ? [message.event] : []));
  assert.deepEqual(byChannel('all'), ['opened', 'worse', 'ended']);
  assert.deepEqual(byChannel('only-gave-up'), ['worse', 'ended']);
  assert.deepEqual(byChannel('only-memory'), []);
  assert.deepEqual(byChannel('no-ends'), ['opened', 'worse']);
});

for (const [cause, text] of [
  ['memory', 'Its processes take 612 MiB, more than max_memory of 500 MiB.'],
  ['cpu', 'Its processes take 190 % of a processor.'],
] as const)
  test(`${cause}: told though the restart cured it, in one message`, () => {
    const story = new AlertStory(ONE);
    const seen = { cause, code: `${cause}-limit`, text } as const;
    story.line('api', 'fail', seen);
    story.line('api', 'restart', { ...seen, to: 'restarting', restarts: 1 });
    story.pass(3 * SECOND);
    story.line('api', 'recover', { cause, code: 'recovered', to: 'healthy', sinceFailureMs: 3 * SECOND });
    story.pass(HOUR);
    assert.deepEqual(story.titles(), [
      `[${cause.toUpperCase()}] api on vm1, for 3 s: ${text.slice(0, 1).toLowerCase()}${text.slice(1, -1)}`,
    ]);
  });

test('its port is taken, its health check is wrong: told at once, with what to do', () => {
  const story = new AlertStory(ONE);
  const taken =
    'Its port is held by pid 4711 (python3 -m http.server 5555), which is none of ours: it is started when the port is free.';
  story.line('api', 'blocked', { to: 'blocked', code: 'port-taken', text: taken });
  assert.deepEqual(story.titles(), ['[PORT TAKEN] api on vm1: its port is held by pid 4711 (python3 -m http.server 5555)']);
  recovered(story, 'api', 1);
  story.pass(2 * HOUR);
  const wrong = 'How it is cannot be told: its liveness check answers 404. Never a reason to restart.';
  story.line('api', 'hold', { incident: 2, code: 'misconfigured', text: wrong, to: 'misconfigured' });
  assert.equal(story.titles().at(-1), '[MISCONFIGURED] api on vm1: how it is cannot be told: its liveness check answers 404');
  recovered(story, 'api', 2);
  assert.deepEqual(
    story.told.map(({ message }) => message.event),
    ['opened', 'ended', 'opened', 'ended'],
  );
});

test('trouble that the journal does not know: a full disk, a channel that fails and is not told of itself', () => {
  const channels = [PHONE, { ...PHONE, name: 'slack' }];
  const story = new AlertStory(setupOf(['api'], { channels }));
  const disk = { slot: 'disk-full', subject: 'The disk of /srv/logs', kind: 'disk-full', todo: 'To do: make room' } as const;
  story.happen({ type: 'trouble', ...disk, text: 'Rotation found no room: ENOSPC.', notTo: [], at: story.now });
  story.happen({ type: 'trouble', ...disk, text: 'Rotation found no room: ENOSPC.', notTo: [], at: story.now });
  const slack = { slot: 'channel slack', subject: 'The channel slack', kind: 'lifeguard', todo: '' } as const;
  story.happen({ type: 'trouble', ...slack, text: 'It fails since 02:58 UTC: refused.', notTo: ['slack'], at: story.now });
  story.pass(MINUTE);
  story.happen({ type: 'trouble-over', slot: 'disk-full', text: 'There is room again.', at: story.now });
  story.happen({ type: 'trouble-over', slot: 'channel slack', text: 'It works again.', at: story.now });
  assert.deepEqual(
    story.told.map(({ title, channels: to }) => [title, to.join()]),
    [
      ['[DISK FULL] The disk of /srv/logs on vm1: Rotation found no room: ENOSPC', 'phone,slack'],
      ['[LIFEGUARD] The channel slack on vm1: fails since 02:58 UTC: refused', 'phone'],
      ['[OK] The disk of /srv/logs on vm1: over after 60 s', 'phone,slack'],
      ['[OK] The channel slack on vm1: over after 60 s', 'phone'],
    ],
  );
});

test('trouble that lifeguard alone knew of is over ten minutes after its restart, unless it shows again', () => {
  const story = new AlertStory(ONE);
  const disk = { slot: 'disk-full', subject: 'The disk', kind: 'disk-full', text: 'Full.', todo: '', notTo: [] } as const;
  story.happen({ type: 'trouble', ...disk, at: story.now });
  story.happen({ type: 'watching', at: story.now });
  story.pass(5 * MINUTE);
  story.happen({ type: 'trouble', ...disk, at: story.now });
  story.pass(30 * MINUTE);
  assert.equal(story.told.length, 1);
  story.happen({ type: 'watching', at: story.now });
  story.pass(10 * MINUTE);
  assert.equal(story.told.at(-1)?.message.event, 'ended');
});

test('a decision of lifeguard itself that failed: told once, and over after an hour without another', () => {
  const story = new AlertStory(ONE);
  const text = 'A decision about it failed (x is undefined): it is looked at afresh. Please report this.';
  for (let n = 0; n < 3; n++) {
    story.line('api', 'warn', { code: 'lifeguard-failed', text });
    story.pass(20 * MINUTE);
  }
  assert.deepEqual(story.titles(), [
    '[LIFEGUARD] api on vm1: a decision about it failed (x is undefined): it is looked at afresh',
  ]);
  story.pass(HOUR);
  assert.equal(story.told.at(-1)?.message.event, 'ended');
});

test('the digest: once a day, for whoever asked for it, what went away without an alert', () => {
  const channels = [PHONE, { ...PHONE, name: 'mail', on: ['digest'] as const }];
  const story = new AlertStory(setupOf(['api'], { channels }));
  cured(story, 'api', 1);
  story.pass(2 * HOUR);
  cured(story, 'api', 2);
  story.pass(48 * HOUR);
  const told = story.told.filter(({ message }) => message.kind === 'digest');
  assert.deepEqual(
    told.map(({ channels: to, title }) => [to.join(), title]),
    [['mail', '[DIGEST] vm1: 2 troubles went away without an alert']],
  );
  assert.equal(new Date(told[0]?.at ?? 0).getHours(), 8);
  assert.deepEqual(told[0]?.message.details, [
    { label: 'api', text: '2 times, a restart cured it, in 1 s at most: It ended with exit code 1.' },
  ]);
});

test('a drill is marked as one', () => {
  const story = new AlertStory(ONE);
  story.line('api', 'give-up', { to: 'exhausted', code: 'limit-reached', text: 'It ended with exit code 1.', drill: true });
  assert.equal(story.titles()[0], '[DRILL: GAVE UP] api on vm1: ended with exit code 1');
});

test('it has been seen before: how often this week, and what cured it', () => {
  const story = new AlertStory(ONE);
  for (const incident of [1, 2, 3]) {
    cured(story, 'api', incident);
    story.pass(3 * HOUR);
  }
  uncured(story, 'api', 4);
  const before = story.told[0]?.message.details.find(({ label }) => label === 'Before');
  assert.equal(before?.text, 'Seen 3 times before this week; the last time a restart cured it, in 1 s.');
});

test('the link of one backend leads to the page of its incident; of several to the page of all', () => {
  const pageUrl = 'https://status.example.org/pm2/';
  const one = new AlertStory(setupOf(['api'], { pageUrl }));
  uncured(one, 'api', 7);
  assert.equal(one.told[0]?.message.link, `${pageUrl}#/incident/api-7`);
  const several = new AlertStory(setupOf(['api', 'web'], { pageUrl }));
  for (const name of ['api', 'web']) uncured(several, name, 7);
  several.pass(MINUTE);
  assert.deepEqual([several.told.length, several.told[0]?.message.link], [1, pageUrl]);
});
