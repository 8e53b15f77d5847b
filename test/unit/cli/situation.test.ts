import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStepOf } from '../../../src/cli/looking/next-step.ts';
import { describeSituation, type Findings, judge } from '../../../src/cli/looking/situation.ts';
import { painter } from '../../../src/cli/telling/output.ts';
import { report } from '../../../src/cli/telling/report.ts';
import { frame } from '../../../src/cli/telling/screen.ts';
import type { WatchedBackend } from '../../../src/config/resolved.ts';
import type { BackendStatus } from '../../../src/lifeguard/status.ts';
import type { Pm2Process } from '../../../src/pm2/types.ts';
import type { StateName } from '../../../src/policy/state-name.ts';

const NOW = 1_000_000;

const listed = (name: string, pid: number, status = 'online'): Pm2Process => ({
  pmId: pid,
  name,
  pid,
  status,
  startedAt: NOW - 90_000,
  restarts: 0,
  execMode: 'fork',
  outFile: `/logs/${name}.log`,
  errorFile: `/logs/${name}.error.log`,
  env: {},
});

const status = (
  name: string,
  pid: number,
  state: StateName,
  more: Partial<BackendStatus> = {},
  held: string | null = null,
): BackendStatus =>
  ({
    name,
    port: 5555,
    policy: {
      ...{ state, restarts: 2, maxRestarts: 10, held, lastError: null, lastFailure: null },
      ...{ forMs: 60_000, incident: null, dueInMs: null, dependenciesDown: [] },
    },
    checks: { p50: 1, p95: 2, p99: 3, availability1h: 1, availability24h: 1 },
    memoryBytes: null,
    processes: [{ pmId: pid, pid, uptimeMs: 90_000 }],
    lastCheck: { liveness: '200', readiness: '200', agoMs: 100 },
    dependencies: [],
    ...more,
  }) as BackendStatus;

const situation = (findings: Omit<Findings, 'now'>, names = ['api']) =>
  describeSituation(
    {
      name: 'lifeguard',
      backends: names.map(
        (name) =>
          ({
            name,
            port: 5555,
            targets: { liveness: { kind: 'tcp', url: 'tcp://127.0.0.1:5555' }, readiness: null },
          }) as unknown as WatchedBackend,
      ),
      companions: [{ name: 'lifeguard', logs: {} as never }],
    },
    { ...findings, now: NOW },
  );

const both = [listed('api', 10), listed('lifeguard', 11)];

test('the page is where it is configured, while lifeguard answers', () => {
  const dashboard = { host: '0.0.0.0', port: 5557, token: 'hush', url: null };
  const page = (more: object, statuses: Findings['statuses'] = []) =>
    describeSituation(
      { name: 'lifeguard', backends: [], companions: [], dashboard: { ...dashboard, ...more } },
      { listed: both, statuses, now: NOW },
    ).page;
  assert.equal(page({}), 'http://localhost:5557/');
  assert.equal(page({ url: 'https://status.example.org/' }), 'https://status.example.org/');
  assert.equal(page({ port: null }), null);
  assert.equal(page({}, null), null);
});

test('all well is 0', () => {
  const found = situation({ listed: both, statuses: [status('api', 10, 'healthy')] });
  assert.equal(judge(found), 0);
  assert.deepEqual(
    report(found, { paint: painter(false, {}), columns: null })
      .split('\n')
      .map((line) => line.trimEnd()),
    [
      '           state    pid  up for      port  check  restarts',
      'api        healthy  10   1 min 30 s  5555  200    2 of 10',
      'lifeguard  online   11   1 min 30 s',
    ],
  );
});

test('not well, or nobody watching, is 1; down is 2, and wins', () => {
  const verdict = (state: StateName) => judge(situation({ listed: both, statuses: [status('api', 10, state)] }));
  assert.equal(verdict('healthy'), 0);
  for (const state of ['suspect', 'starting', 'degraded', 'paused'] as const) assert.equal(verdict(state), 1, state);
  for (const state of ['unhealthy', 'restarting', 'blocked', 'exhausted', 'stopped'] as const)
    assert.equal(verdict(state), 2, state);
  assert.equal(judge(situation({ listed: both, statuses: null })), 1);
  assert.equal(judge(situation({ listed: [listed('api', 10)], statuses: null })), 1, 'no lifeguard');
  assert.equal(judge(situation({ listed: [listed('api', 0, 'errored'), listed('lifeguard', 11)], statuses: null })), 2);
  assert.equal(judge(situation({ listed: null, statuses: null })), 2);
  const mixed = situation(
    { listed: [...both, listed('web', 12)], statuses: [status('api', 10, 'degraded'), status('web', 12, 'exhausted')] },
    ['api', 'web'],
  );
  assert.equal(judge(mixed), 2);
});

test('a process that lifeguard does not know yet is starting, whatever it said of the one before', () => {
  const found = situation({ listed: [listed('api', 99), listed('lifeguard', 11)], statuses: [status('api', 10, 'healthy')] });
  assert.equal(found.backends[0]?.state, 'starting');
  assert.equal(judge(found), 1);
});

test('what is not well is told in words', () => {
  const dependencies = [{ name: 'database', up: false, detail: 'refused' }];
  const degraded = status(
    'api',
    10,
    'degraded',
    { dependencies, lastCheck: { liveness: '200', readiness: '503', agoMs: 1 } },
    'its database is down: a restart cannot help',
  );
  const text = report(situation({ listed: both, statuses: [degraded] }), { paint: painter(false, {}), columns: null });
  assert.match(text, /degraded .* 200, ready 503 .* database down/);
  assert.match(text, /^api: its database is down: a restart cannot help$/m);
  assert.match(text, /^api needs database: refused$/m);
  assert.match(
    report(situation({ listed: both, statuses: null }), { paint: painter(false, {}), columns: null }),
    /lifeguard does not answer/,
  );
  assert.match(
    report(situation({ listed: null, statuses: null }), { paint: painter(false, {}), columns: null }),
    /^Nothing is running/,
  );
});

test("80 columns are enough for the README's own name; what is least needed goes first where they are not", () => {
  const name = 'mediaposter-backend';
  const long = { uptimeMs: 250_000 };
  const dependencies = [{ name: 'database', up: true, detail: '' }];
  const backend = { ...status(name, 1_234_567, 'healthy', { dependencies }), processes: [{ pmId: 1, pid: 1_234_567, ...long }] };
  const widest = (columns: number, state: StateName) => {
    const found = situation(
      {
        listed: [listed(name, 1_234_567), listed('lifeguard', 1_234_568)],
        statuses: [{ ...backend, policy: { ...backend.policy, state } }],
      },
      [name],
    );
    const lines = report(found, { paint: painter(false, {}), columns }).split('\n');
    return { lines, width: Math.max(...lines.map((line) => line.length)) };
  };
  const well = widest(80, 'healthy');
  assert.ok(well.width <= 80, well.lines.join('\n'));
  for (const heading of ['state', 'pid', 'up for', 'port', 'check', 'restarts', 'needs'])
    assert.ok(well.lines[0]?.includes(heading));
  const narrow = widest(60, 'exhausted');
  assert.ok(narrow.width <= 60, narrow.lines.join('\n'));
  assert.doesNotMatch(narrow.lines[0] ?? '', /up for/);
});

test('what is told in words is broken between words on a terminal', () => {
  const held =
    'its database is down, and has been for a long time: a restart cannot help, so that it is left alone until it is back';
  const found = situation({ listed: both, statuses: [status('api', 10, 'degraded', {}, held)] });
  const lines = report(found, { paint: painter(false, {}), columns: 80 }).split('\n');
  assert.ok(
    lines.every((line) => line.length <= 80),
    lines.join('\n'),
  );
  assert.match(lines.join(' ').replace(/ +/g, ' '), new RegExp(held));
});

for (const [state, more, next] of [
  ['exhausted', { dueInMs: 1_000 }, 'one trial at 03:12:00'],
  ['exhausted', {}, 'nothing, until somebody says lifeguard reset api'],
  ['degraded', { dependenciesDown: ['database'] }, 'held until database is back'],
  ['degraded', { dependenciesDown: ['database', 'cache'] }, 'held until database and cache are back'],
  ['degraded', { dueInMs: 1_000 }, 'a restart at 03:12:00'],
  ['starting', { dueInMs: 1_000 }, 'a start at 03:12:00'],
  ['paused', { dueInMs: 1_000 }, 'the pause ends at 03:12:00'],
  ['healthy', {}, null],
] as const) {
  test(`what comes next when it is ${state}: ${next}`, () => {
    const { policy } = status('api', 10, state);
    assert.equal(
      nextStepOf({ name: 'api', policy: { ...policy, ...more } as typeof policy }, () => '03:12:00'),
      next,
    );
  });
}

test('of what is not well it is told since when, what comes next, and which incident it is', () => {
  const { policy, ...rest } = status('api', 10, 'exhausted', {}, 'The limit was reached.');
  const found = situation({ listed: both, statuses: [{ ...rest, policy: { ...policy, incident: 12 } }] });
  const said = report(found, { paint: painter(false, {}), columns: 80 });
  assert.match(said, /^api: for 1 min; next: nothing, until somebody says lifeguard reset api;/m);
  assert.match(said, /lifeguard incidents show api-12$/m);
});

test('a screen is written over itself line by line, and what does not fit is left out', () => {
  assert.equal(frame('a\nb', 10), '\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[K\r\n\u001b[J');
  assert.doesNotMatch(frame('a\nb\nc\nd', 3), /c/);
});
