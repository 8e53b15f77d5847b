import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorReport } from '../../src/cli/telling/doctor-report.ts';
import { painter } from '../../src/cli/telling/output.ts';
import { diagnose, rulesWithout } from '../../src/doctor/diagnose.ts';
import { type Facts, type Looks, lookUp } from '../../src/doctor/facts.ts';
import { programGone } from '../../src/doctor/gathering/boot.ts';
import { mendsOf } from '../../src/doctor/mend.ts';
import { RULES } from '../../src/doctor/rules/all.ts';
import type { BackendStatus } from '../../src/lifeguard/status.ts';
import type { Answer } from '../../src/policy/observation.ts';

const WELL: Facts = {
  project: { kind: 'valid', file: '/p/ecosystem.config.ts', backends: [], watcher: 'lifeguard', problems: [] },
  processes: [],
  statuses: [],
  unapplied: [],
  dependencies: [],
  holders: [],
  answers: [],
  incidents: [],
  usage: [],
  folders: [],
  rivals: [],
  dump: null,
  boot: { systemd: false, unit: 'pm2-me.service', installed: false, enabled: false, active: false, programGone: null },
  versions: { node: 'v20.20.2', daemonNode: '/usr/bin/node', pm2: '7.0.4', daemonPm2: '7.0.4' },
  machine: { availableBytes: 8e9, totalBytes: 16e9 },
  clock: { app: 'api', stepMs: 300, startedAt: 0 },
  foreign: [],
  errorRates: [{ backend: 'api', file: '/p/logs/api-error.log', recentPerMinute: 0.9, pastPerMinute: 0 }],
  unproven: [],
};
const FOLDER = { directory: '/p/logs', exists: true, writable: true, freeBytes: 5e10, totalBytes: 1e11, writtenPerDayBytes: 1e6 };
const BOOT = { ...WELL.boot, systemd: true, installed: true, enabled: true, active: true };
const answered = (answer: Partial<Answer>): Facts['answers'] => {
  const liveness = {
    kind: 'answer',
    status: 200,
    latencyMs: 1,
    retryAfterMs: null,
    json: null,
    excerpt: '',
    ...answer,
  } as Answer;
  return [{ backend: 'api', round: { liveness, readiness: null } }];
};
const uvicorn = (args: string) =>
  ({
    ...WELL.project,
    backends: [
      {
        name: 'api',
        killTimeoutMs: 10_000,
        run: { program: { kind: 'command', program: '/v/bin/uvicorn', args: args.split(' ') } },
      },
    ],
  }) as unknown as Facts['project'];

const limitedTo = (percent: number) =>
  ({
    ...WELL.project,
    backends: [{ name: 'api', policy: { maxCpu: { percent, forMs: 60_000 } } }],
  }) as unknown as Facts['project'];
const taking = (cpuPercent: number) =>
  ({
    name: 'api',
    cpuPercent,
    processes: [{ pmId: 0, pid: 47, uptimeMs: 1 }],
    policy: { state: 'healthy', lastError: null },
  }) as unknown as BackendStatus;

/** What is the case, and which page it leads to. */
const CASES: readonly (readonly [id: string, facts: Partial<Facts>, says?: RegExp])[] = [
  [
    'port-taken',
    { holders: [{ backend: 'api', port: 5555, holder: { kind: 'stranger', pid: 47, command: 'nc -l 5555', earlier: true } }] },
    /kill 47/,
  ],
  [
    'dependency-down',
    { dependencies: [{ backend: 'api', name: 'database', up: false, detail: 'refuses the connection' }] },
    /refuses/,
  ],
  ['health-fails', { answers: answered({ kind: 'timeout', latencyMs: 5_000 } as Answer) }, /no answer in time/],
  ['health-misdirected', { answers: answered({ status: 404 } as Answer) }, /answers 404/],
  ['memory-high', { usage: [{ backend: 'api', memoryBytes: 95, limitBytes: 100, files: null }] }, /95 %/],
  ['cpu-high', { project: limitedTo(90), statuses: [taking(97)] }, /97 % of a core of 90 %.*-p 47/],
  [
    'files-near-limit',
    { usage: [{ backend: 'api', memoryBytes: 1, limitBytes: null, files: { pid: 4, open: 990, limit: 1_024 } }] },
    /990 of 1024/,
  ],
  ['no-project', { project: { kind: 'none', text: 'there is no ecosystem.config.ts' } }],
  ['config-invalid', { project: { kind: 'invalid', text: 'backend.yaml:9: unknown key' } }, /backend\.yaml:9/],
  ['not-applied', { unapplied: ['api: changed in backend.yaml, not applied (port)'] }],
  ['uvicorn-no-graceful-limit', { project: uvicorn('main:app --port 5555') }, /--timeout-graceful-shutdown 8/],
  ['uvicorn-no-graceful-limit', { project: uvicorn('main:app --timeout-graceful-shutdown 30') }, /30 s/],
  ['uvicorn-reload', { project: uvicorn('main:app --reload --timeout-graceful-shutdown 5') }],
  [
    'health-touches-nothing',
    { answers: answered({}), dependencies: [{ backend: 'api', name: 'database', up: false, detail: 'away' }] },
    /says 200 while database is down/,
  ],
  ['alerts-unproven', { unproven: ['slack'] }],
  ['pm2-not-running', { processes: null }],
  ['nobody-watches', { statuses: null }],
  ['pm2-other-version', { versions: { ...WELL.versions, daemonPm2: '5.4.3' } }],
  ['daemon-node-gone', { versions: { ...WELL.versions, daemonNode: '/home/me/.nvm/node (deleted)' } }],
  [
    'dump-readable',
    { dump: { path: '/h/dump.pm2', mode: 0o100644, secrets: ['API_KEY'], apps: [] } },
    /chmod 600 \/h\/dump\.pm2/,
  ],
  ['disk-full', { folders: [{ ...FOLDER, freeBytes: 1e6 }] }],
  ['disk-filling', { folders: [{ ...FOLDER, writtenPerDayBytes: 3e10 }] }, /full in 1 days/],
  ['logs-not-writable', { folders: [{ ...FOLDER, writable: false }] }],
  [
    'another-rotator',
    { rivals: [{ file: '/p/logs/api.log', rival: 'the PM2 module pm2-logrotate' }] },
    /pm2 uninstall pm2-logrotate/,
  ],
  ['boot-not-installed', { boot: { ...BOOT, installed: false, enabled: false } }],
  ['boot-not-supervised', { boot: { ...BOOT, active: false } }],
  ['boot-program-gone', { boot: { ...BOOT, programGone: '/old/pm2' } }],
  [
    'clock-stepped',
    { clock: { app: 'api', stepMs: -3_600_000, startedAt: 1e12 } },
    /set back by 1h.*since api was started, at 2001-09-09/,
  ],
  ['log-of-another-user', { foreign: [{ file: '/p/logs/api.log', owner: 0, user: 1000 }] }, /chown 1000 \/p\/logs\/api\.log/],
  [
    'errors-rising',
    { errorRates: [{ backend: 'api', file: '/p/logs/api-error.log', recentPerMinute: 12.4, pastPerMinute: 0.25 }] },
    /12 lines a minute.*0\.3 a minute in the week before/,
  ],
  ['memory-short', { machine: { availableBytes: 1e8, totalBytes: 16e9 } }],
];

const looks = (facts: Partial<Facts>): Looks =>
  Object.fromEntries(Object.entries({ ...WELL, ...facts }).map(([name, value]) => [name, () => value])) as unknown as Looks;

for (const [id, facts, says] of CASES) {
  test(`doctor sees ${id}${says ? ` (${says.source})` : ''}`, async () => {
    const findings = diagnose(await lookUp(looks(facts)), RULES);
    const found = findings.find((finding) => finding.id === id);
    assert.ok(found, findings.map((each) => each.id).join(', '));
    assert.match(JSON.stringify(found), says ?? /symptom/);
  });
}

test('where all is well it finds nothing, and says what it looked for', async () => {
  const looked = await lookUp(looks({}));
  assert.deepEqual(diagnose(looked, RULES), []);
  assert.equal(rulesWithout([], looked, RULES).length, RULES.length);
});

test('a look that throws, and one that never ends, are findings of their own and cost the others nothing', async () => {
  const stuck = { ...looks({ unproven: ['slack'] }), machine: () => new Promise<never>(() => undefined) };
  const broken = {
    ...stuck,
    dump: () => {
      throw new Error('EACCES');
    },
  };
  const findings = diagnose(await lookUp(broken, 50), RULES);
  assert.deepEqual(
    findings.map(({ id, subject, evidence, severity }) => `${severity} ${id} ${subject}: ${evidence}`),
    [
      'error check-failed dump: EACCES',
      'error check-failed machine: no result within 0.05 s',
      'warning alerts-unproven slack: no test message was answered as it is configured now',
    ],
  );
});

test('a rule that fails is a finding of its own', async () => {
  const broken = { ...(RULES[0] as (typeof RULES)[number]), id: 'broken', find: () => assert.fail('oh') };
  const [finding] = diagnose(await lookUp(looks({})), [broken]);
  assert.deepEqual([finding?.id, finding?.subject], ['check-failed', 'broken']);
});

test('the worst first; each finding in a few lines of 80 columns, four of them on one screen', async () => {
  const [port, dependency, dump, disk] = ['port-taken', 'dependency-down', 'dump-readable', 'disk-full'].map(
    (id) => CASES.find((each) => each[0] === id)?.[1],
  );
  const findings = diagnose(await lookUp(looks({ ...port, ...dependency, ...dump, ...disk })), RULES);
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['port-taken', 'dependency-down', 'disk-full', 'dump-readable'],
  );
  const lines = doctorReport(findings, { paint: painter(false, {}), columns: 80 }).split('\n');
  assert.ok(lines.length <= 24, lines.join('\n'));
  for (const line of lines) if (!line.includes('type: ')) assert.ok(line.length <= 80, line);
});

test('what --fix would do is done once, however many ask for it', async () => {
  const gone = { ...FOLDER, exists: false, writable: false };
  const findings = diagnose(await lookUp(looks({ folders: [gone, gone] })), RULES);
  assert.deepEqual(mendsOf(findings), [{ do: 'mkdir', path: '/p/logs' }]);
});

test('a boot unit whose program or Node is gone', () => {
  const unit = 'Environment=PATH=/opt/n/bin:/usr/bin\nExecStart=/opt/n/lib/pm2/bin/pm2 resurrect\n';
  assert.equal(
    programGone(unit, () => true),
    null,
  );
  assert.equal(
    programGone(unit, (path) => !path.includes('pm2')),
    '/opt/n/lib/pm2/bin/pm2',
  );
  assert.match(programGone(unit, (path) => !path.endsWith('/node')) ?? '', /node/);
});

test('every rule has a page: its own name, a reason, a cure', () => {
  assert.equal(new Set(RULES.map(({ id }) => id)).size, RULES.length);
  for (const { id, why, cure, title } of RULES)
    assert.ok(/^[a-z0-9-]+$/.test(id) && why.endsWith('.') && cure.endsWith('.') && !title.endsWith('.'), id);
});

test('what PM2 is just about to start again is not called stopped', () => {
  const rule = RULES.find(({ id }) => id === 'not-running');
  const found = (status: string) => {
    const project = { ...WELL.project, backends: [{ name: 'api' }] } as unknown as Facts['project'];
    const processes = [{ name: 'api', pid: 0, status }] as unknown as Facts['processes'];
    return rule?.find({ ...WELL, project, processes }).length;
  };
  assert.deepEqual(['stopped', 'errored', 'waiting restart', 'launching'].map(found), [1, 1, 0, 0]);
});
