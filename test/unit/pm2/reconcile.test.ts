import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Configured, digestsOf } from '../../../src/pm2/apps/digests.ts';
import { describeStep, planStart, type Step } from '../../../src/pm2/apps/reconcile.ts';
import { ownershipOf } from '../../../src/pm2/ownership/owner.ts';
import { encodeRecord, RECORD_KEY, type Role } from '../../../src/pm2/ownership/record.ts';
import type { AppDeclaration, Pm2Process } from '../../../src/pm2/types.ts';

const API: AppDeclaration = {
  name: 'api',
  script: '/srv/api.js',
  args: ['--fast'],
  cwd: '/srv',
  exec_mode: 'fork',
  env: { PORT: '5555', COLOUR: 'red' },
  autorestart: true,
  kill_timeout: 10_000,
  out_file: '/srv/logs/api.log',
  error_file: '/srv/logs/api.error.log',
  pmx: false,
};

const FILE = '/srv/ecosystem.config.ts';

/** A process as PM2 lists it after it was started as `declared`; null: it was started in some other way. */
function running(
  declared: AppDeclaration | null,
  status = 'online',
  { name = 'api', role = 'backend' as Role, file = FILE, configured = undefined as Configured | undefined, at = 1 } = {},
): Pm2Process {
  const digests = declared ? digestsOf(declared, configured) : {};
  const record = declared && { [RECORD_KEY]: encodeRecord({ file, role, at, envName: null, digests }) };
  return {
    ...{ pmId: 0, name, pid: 1, status, startedAt: 0, restarts: 0, execMode: 'fork', outFile: '', errorFile: '' },
    env: { ...record },
  };
}

function plan(apps: AppDeclaration[], listed: Pm2Process[], only: string[] | null = null, configured = {}): Step[] {
  return planStart({ apps, configured }, listed, ownershipOf(FILE, { apps: listed, adoptions: [] }), only);
}

const { COLOUR: _, ...withoutColour } = API.env;
const cases: [string, AppDeclaration[], Pm2Process[], Partial<Step>][] = [
  ['unknown to PM2', [API], [], { do: 'start' }],
  ['as declared', [API], [running(API)], { do: 'keep', because: [] }],
  ['about to be restarted by PM2', [API], [running(API, 'waiting restart')], { do: 'keep' }],
  ['stopped by an operator', [API], [running(API, 'stopped')], { do: 'resume', because: ['stopped'] }],
  ['given up by PM2', [API], [running(API, 'errored')], { do: 'resume', because: ['errored'] }],
  ['one of two workers stopped', [API], [running(API), running(API, 'stopped')], { do: 'resume' }],
  [
    'a changed variable',
    [{ ...API, env: { ...API.env, PORT: '6' } }],
    [running(API)],
    { do: 'restart-with-changes', because: ['env.PORT'] },
  ],
  ['a variable more', [{ ...API, env: { ...API.env, NEW: '' } }], [running(API)], { because: ['env.NEW'] }],
  ['a variable less', [{ ...API, env: withoutColour }], [running(API)], { because: ['env.COLOUR'] }],
  [
    'several keys',
    [{ ...API, script: '/srv/b.js', args: [] }],
    [running(API)],
    { do: 'restart-with-changes', because: ['script', 'args'] },
  ],
  ['changed and stopped', [{ ...API, cwd: '/' }], [running(API, 'stopped')], { do: 'restart-with-changes', because: ['cwd'] }],
  ['another mode', [{ ...API, exec_mode: 'cluster' }], [running(API)], { do: 'delete-and-start', because: ['exec_mode'] }],
  ['more instances', [{ ...API, instances: 4 }], [running({ ...API, instances: 2 })], { do: 'delete-and-start' }],
  ['no longer declared', [], [running(API)], { do: 'delete', because: ['no longer declared'] }],
];

for (const [what, declared, listed, expected] of cases) {
  test(`plan: ${what}`, () => {
    const [step, ...more] = plan(declared, listed);
    assert.deepEqual(more, []);
    assert.deepEqual({ ...step, ...expected }, step);
  });
}

test('plan: what this machine makes of the configuration on one day or another is no change', () => {
  const configured: Configured = { run: { command: ['uvicorn', 'main:app'], env_file: null }, inherited: {} };
  const elsewhere = { ...API, script: '/opt/venv/bin/uvicorn', interpreter: '/usr/local/bin/node', node_args: ['--import', 'x'] };
  const was = running({ ...API, interpreter: 'node' }, 'online', { configured });
  assert.deepEqual(plan([elsewhere], [was], null, { api: configured }), [{ app: 'api', do: 'keep', because: [] }]);
  const other = { ...configured, run: { ...configured.run, command: ['uvicorn', 'other:app'] } };
  assert.deepEqual(plan([elsewhere], [was], null, { api: other })[0]?.because, ['command']);
});

test('plan: an inherited variable that the configuration names is compared, set, changed and taken away', () => {
  const url = (DATABASE_URL?: string): Configured => ({ run: {}, inherited: DATABASE_URL === undefined ? {} : { DATABASE_URL } });
  for (const [before, now, changed] of [
    [url(), url('postgres://a'), true],
    [url('postgres://a'), url('postgres://b'), true],
    [url('postgres://a'), url(), true],
    [url('postgres://a'), url('postgres://a'), false],
  ] as const) {
    const [step] = plan([API], [running(API, 'online', { configured: before })], null, { api: now });
    assert.deepEqual(step?.because, changed ? ['inherited.DATABASE_URL'] : []);
  }
});

test('plan: what the first version started is not restarted for what this one declares in another way', () => {
  const configured: Configured = { run: { script: 'api.js' }, inherited: { DATABASE_URL: 'postgres://a' } };
  const first = running(API, 'online', { at: 0 });
  const now = { ...API, listen_timeout: 3_000, args: API.args ?? [] };
  assert.deepEqual(plan([now], [first], null, { api: configured }), [{ app: 'api', do: 'keep', because: [] }]);
  const changed = { ...now, kill_timeout: 1, env: { ...API.env, NEW: '1' } };
  assert.deepEqual(plan([changed], [first], null, { api: configured })[0]?.because, ['env.NEW', 'kill_timeout']);
});

test("plan: somebody else's app is left alone, and so is what --only leaves out", () => {
  const others = [
    running(null, 'online', { name: 'other' }),
    running(API, 'online', { name: 'third', file: '/srv/shop.config.ts' }),
  ];
  assert.deepEqual(plan([API], [running(API), ...others]), [{ app: 'api', do: 'keep', because: [] }]);
  const web = { ...API, name: 'web' };
  const gone = running(API, 'online', { name: 'gone' });
  assert.deepEqual(plan([API, web], [gone], ['web']), [{ app: 'web', do: 'start', because: ['not running'] }]);
});

test('plan: a backend that goes is deleted first, a companion when nobody uses it any more', () => {
  const listed = [running(API, 'online', { name: 'gone' }), running(API, 'online', { name: 'database', role: 'companion' })];
  const steps = plan([{ ...API, name: 'web' }, API], listed);
  assert.deepEqual(
    steps.map(({ app, do: what }) => [app, what]),
    [
      ['gone', 'delete'],
      ['web', 'start'],
      ['api', 'start'],
      ['database', 'delete-last'],
    ],
  );
});

test('the record holds no value of the environment', () => {
  const record = JSON.stringify(digestsOf({ ...API, env: { PASSWORD: 'correct horse' } }, undefined));
  assert.match(record, /env\.PASSWORD/);
  assert.doesNotMatch(record, /correct/);
});

test('a step is a line for people', () => {
  assert.equal(
    describeStep({ app: 'lifeguard', do: 'restart-with-changes', because: ['env.LIFEGUARD_CONFIG_DIGEST', 'cwd'] }),
    'lifeguard: restarted with changes (its configuration, cwd)',
  );
});
