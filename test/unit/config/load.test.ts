import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError, formatDiagnostics } from '../../../src/config/mistakes/diagnostics.ts';
import { toWatchConfig } from '../../../src/config/to-policy.ts';
import { DEFAULTS } from '../../support/policies.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lifeguard-config-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (typescript: unknown, { yaml, env = {} }: { yaml?: string; env?: Record<string, string> } = {}) => {
  if (yaml !== undefined) writeFileSync(join(dir, 'backend.yaml'), yaml);
  return loadConfig({ file: 'ecosystem.config.ts', typescript, env, cwd: dir });
};
const refusal = (act: () => unknown): ConfigError => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error;
  }
  return assert.fail('it was taken');
};
const minimal = { name: 'api', run: { command: 'venv/bin/uvicorn main:app' }, port: 5555 };

const get = (url: string) => ({ kind: 'http', url, method: 'GET', headers: {}, expect: null });

test('the defaults are those of the contract', () => {
  const [api] = load({ backends: [minimal] }).backends;
  assert.deepEqual(api, {
    name: 'api',
    port: 5555,
    run: {
      program: { kind: 'command', program: join(dir, 'venv/bin/uvicorn'), args: ['main:app'] },
      cwd: dir,
      env: {},
      envByName: {},
      envFile: null,
    },
    instances: 1,
    pmx: false,
    targets: { liveness: get('http://127.0.0.1:5555/health'), readiness: get('http://127.0.0.1:5555/api/health') },
    policy: DEFAULTS,
    killTimeoutMs: 10_000,
    stopSignal: null,
    dependencies: [],
    before: [],
    once: false,
    logs: {
      directory: join(dir, 'logs'),
      maxSizeBytes: 10_485_760,
      retainMs: 864_000_000,
      compress: true,
      maxTotalBytes: null,
      files: [],
    },
  });
});

test('without a port the default paths are nothing to check; a URL is', () => {
  const { targets } =
    load({ backends: [{ ...minimal, port: null, health: { liveness: 'tcp://127.0.0.1:6379' } }] }).backends[0] ?? assert.fail();
  assert.deepEqual(targets, { liveness: { kind: 'tcp', url: 'tcp://127.0.0.1:6379' }, readiness: null });
});

test('a dashboard that nobody configured takes no port away from a backend', () => {
  assert.equal(load({ backends: [{ ...minimal, port: 5556 }] }).backends[0]?.port, 5556);
});

test('backend.yaml is laid over TypeScript, LIFEGUARD_CONFIG stands alone', () => {
  const yaml =
    'backends:\n  - name: api\n    health: { interval: 2s }\n  - name: web\n    run: { script: web.js }\n    port: 5556\n';
  const both = load({ backends: [minimal] }, { yaml });
  assert.deepEqual(both.files, [join(dir, 'ecosystem.config.ts'), join(dir, 'backend.yaml')]);
  assert.deepEqual(
    both.backends.map(({ name, policy }) => [name, policy.intervalMs]),
    [
      ['api', 2_000],
      ['web', 1_000],
    ],
  );

  mkdirSync(join(dir, 'etc'));
  writeFileSync(
    join(dir, 'etc/one.yaml'),
    'backends:\n  - name: one\n    run: { script: a/b.js, env_file: .env }\n    port: 5555\n    logs: { files: [app.log] }\n',
  );
  const alone = load({ backends: [minimal] }, { env: { LIFEGUARD_CONFIG: 'etc/one.yaml' } });
  const [one] = alone.backends;
  assert.deepEqual(alone.files, [join(dir, 'etc/one.yaml')]);
  assert.equal(alone.directory, dir);
  assert.deepEqual(one?.run.program, { kind: 'script', script: join(dir, 'etc/a/b.js'), interpreter: null, args: [] });
  assert.deepEqual(
    [one?.run.cwd, one?.run.envFile, one?.logs.files[0]],
    ['', '/.env', '/app.log'].map((end) => join(dir, 'etc') + end),
  );
});

test('variables become what the key wants: numbers, booleans, null, and text where text is wanted', () => {
  const yaml = [
    'backends:',
    '  - name: api',
    '    run: { command: "serve --n ${N}", env: { N: "${N}", LEADING: "${ZEROS}" } }',
    '    port: ${N}',
    '    pmx: ${YES}',
    '    health: { readiness: "${NOTHING:-}", interval: "${N}" }',
    'dashboard: { port: "${NONE:-null}", token: "${N}" }',
  ].join('\n');
  const config = load({ backends: [] }, { yaml, env: { N: '5555', ZEROS: '007', YES: 'true' } });
  const api = config.backends[0] ?? assert.fail();
  assert.deepEqual([api.port, api.pmx, api.targets.readiness, api.policy.intervalMs], [5555, true, null, 5555]);
  assert.deepEqual(
    [api.run.env, api.run.program],
    [
      { N: '5555', LEADING: '007' },
      { kind: 'command', program: 'serve', args: ['--n', '5555'] },
    ],
  );
  assert.deepEqual(config.dashboard, { host: '127.0.0.1', port: null, token: '5555', url: null });
});

test('a variable is never structure', () => {
  const { run } =
    load(
      { backends: [] },
      {
        yaml: 'backends:\n  - { name: api, port: 5555, run: { script: x.js, env: { V: "${V}" } } }',
        env: { V: '{a: 1}\n- b: &x' },
      },
    ).backends[0] ?? assert.fail();
  assert.equal(run.env.V, '{a: 1}\n- b: &x');
});

test('anchors and merge keys', () => {
  const yaml =
    'backends:\n  - name: a\n    run: { script: a.js }\n    port: 1\n    restart: &calm { within: 5m, max_restarts: 4 }\n  - name: b\n    run: { script: b.js }\n    port: 2\n    restart: { <<: *calm, max_restarts: 7 }\n';
  const [a, b] = load({ backends: [] }, { yaml }).backends;
  assert.deepEqual([a?.policy.maxRestarts, b?.policy.maxRestarts, b?.policy.withinMs], [4, 7, 300_000]);
});

test('environments by name', () => {
  const { run } =
    load({ backends: [{ ...minimal, run: { script: 'a.js', env: { A: 1, B: undefined }, env_production: { A: 2, C: true } } }] })
      .backends[0] ?? assert.fail();
  assert.deepEqual([run.env, run.envByName], [{ A: '1' }, { production: { A: '2', C: 'true' } }]);
});

test('a mistake in TypeScript is told with file and key path, one in the overlay at its line, in one go', () => {
  const yaml = 'backends:\n  - name: api\n    restart: { within: 5x }\n';
  const { message, diagnostics } = refusal(() =>
    load({ backends: [{ ...minimal, health: { interval: '1 min' }, restart: { within: '10m', max: 3 } }] }, { yaml }),
  );
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['wrong-value', 'wrong-value', 'unknown-key'],
  );
  assert.match(message, /^backend\.yaml:3:24: wrong value for restart\.within of backend api$/m);
  assert.match(message, /^ecosystem\.config\.ts: backends\[0\]\.health\.interval: wrong value/m);
  assert.match(message, /^ecosystem\.config\.ts: backends\[0\]\.restart\.max: unknown key max in restart of backend api$/m);
  assert.match(message, /^3 mistakes\. Nothing was started or changed\.$/m);
});

test('files that are none', () => {
  const told = (file: string) => refusal(() => load({}, { env: { LIFEGUARD_CONFIG: file } })).message;
  mkdirSync(join(dir, 'folder'));
  assert.match(told('folder'), /^folder: is a folder, not a file$/m);
  assert.match(told('gone.yaml'), /^gone\.yaml: there is no such file$/m);
});

test('__proto__ is an unknown key like any other', () => {
  assert.match(
    refusal(() =>
      load({ backends: [] }, { yaml: '__proto__: { backends: [] }\nbackends:\n  - { name: a, run: { script: a.js } }\n' }),
    ).message,
    /unknown key __proto__/,
  );
});

test("lifeguard's part is plain JSON", () => {
  const config = load({ backends: [minimal], alerts: [{ type: 'command', command: './tell it', on: ['down'] }] });
  const watch = toWatchConfig(config, {
    owner: join(dir, 'e.config.ts'),
    logsDirectory: join(dir, 'logs'),
    journal: join(dir, 'logs/i.jsonl'),
    companions: [],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(watch)), watch);
  assert.deepEqual(watch.alerts, [
    { type: 'command', name: 'command', program: join(dir, 'tell'), args: ['it'], timeoutMs: 10_000, on: ['down'] },
  ]);
});

test("a channel without a name is called by its type; a name that somebody chose is nobody else's", () => {
  const url = 'https://chat.example.org/hook';
  const { alerts } = load({
    backends: [minimal],
    alerts: [
      { type: 'slack', url },
      { type: 'slack', url },
      { type: 'teams', url, name: 'slack-2' },
      { type: 'heartbeat', url },
    ],
  });
  assert.deepEqual(
    alerts.map(({ name }) => name),
    ['slack', 'slack-3', 'slack-2', 'heartbeat'],
  );
});

test('whatever stands in the file: a configuration or a ConfigError, and no variable is ever shown', () => {
  const words = fc.constantFrom(
    'backends',
    'name',
    'run',
    'port',
    'health',
    '- ',
    ': ',
    '\n',
    '  ',
    '${SECRET}',
    '"',
    '{',
    '}',
    '[',
    ']',
    'api',
    '5',
    'null',
    '&a ',
    '*a',
    '\t',
    '|',
    '#',
    '---\n',
  );
  const file = join(dir, 'any.yaml');
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      writeFileSync(file, parts.join(''));
      try {
        loadConfig({ file: 'x.ts', typescript: {}, env: { LIFEGUARD_CONFIG: file, SECRET: 's3cr3t' }, cwd: dir });
      } catch (error) {
        assert.ok(error instanceof ConfigError, String((error as Error).stack));
        assert.doesNotMatch(formatDiagnostics(error.diagnostics), /s3cr3t/);
      }
    }),
    { numRuns: 150 },
  );
  fc.assert(
    fc.property(fc.anything(), (input) => {
      try {
        loadConfig({ file: 'x.ts', typescript: input, env: {}, cwd: dir });
      } catch (error) {
        assert.ok(error instanceof ConfigError, String((error as Error).stack));
      }
    }),
  );
});

test('a backend.yaml that cannot be read is told alone: what it holds is not missed, what is wrong beside it is told too', () => {
  const yaml = 'backends:\n  - name: api\n     run: { script: a.js }\n';
  const alone = refusal(() => load({ backends: [] }, { yaml }));
  assert.deepEqual(
    alone.diagnostics.map(({ code }) => code),
    ['syntax'],
  );
  const both = refusal(() => load({ backends: [{ name: 'api', run: { script: 'a.js' }, pmx: 'yes' }] }, { yaml }));
  assert.deepEqual(
    both.diagnostics.map(({ code }) => code),
    ['syntax', 'wrong-value'],
  );
});
