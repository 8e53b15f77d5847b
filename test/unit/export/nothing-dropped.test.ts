// What has no counterpart is a comment: every key of a backend leaves its mark in each of the three exports.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BackendInput } from '../../../src/config/input.ts';
import { configJsonSchema, type JsonSchema } from '../../../src/config/schema/json-schema.ts';
import { type Configuration, inputOf } from '../../support/export/configurations.ts';
import { planned, TARGETS } from '../../support/export/planned.ts';
import { ROOT } from '../../support/sandbox.ts';

const BASE: BackendInput = {
  name: 'api',
  run: { script: 'server.js' },
  port: 5555,
  depends_on: [{ name: 'db', check: 'tcp://10.0.0.7:5432' }],
};

/** A value for each key that the base does not have. */
const CHANGED: Readonly<Record<string, (base: BackendInput) => BackendInput>> = {
  name: (base) => ({ ...base, name: 'shop' }),
  port: (base) => ({ ...base, port: 5557 }),
  pmx: (base) => ({ ...base, pmx: true }),
  'run.command': (base) => ({ ...base, run: { command: 'bin/server' } }),
  ...Object.fromEntries(
    Object.entries({ command: 'bin/migrate', timeout: '1m' }).map(([key, value]) => [
      `run.before.${key}`,
      (base: BackendInput) => ({ ...base, run: { ...base.run, before: [{ command: 'bin/prepare', [key]: value }] } }),
    ]),
  ),
  'depends_on.restart_with': (base) => ({
    ...base,
    depends_on: [{ name: 'other', check: 'backend:other', restart_with: true }],
  }),
  'run.once': ({ port: _, ...base }) => ({ ...base, run: { ...base.run, once: true } }),
  ...section('run', {
    script: 'other.js',
    interpreter: 'tsx',
    args: ['--verbose'],
    cwd: 'elsewhere',
    instances: 3,
    env: { COLOUR: 'red' },
    env_file: '.env',
    env_production: { COLOUR: 'gold' },
  }),
  ...section('health', {
    liveness: '/alive',
    readiness: '/ready',
    headers: { Host: 'shop.example' },
    interval: '7s',
    timeout: '6s',
    failure_threshold: 4,
    success_threshold: 2,
    startup_timeout: '90s',
    retry_after_max: '30s',
  }),
  ...section('restart', {
    on: ['crash'],
    max_restarts: 7,
    within: '1h',
    cool_down: null,
    stop_signal: 'SIGQUIT',
    kill_timeout: '33s',
    max_memory: '300M',
    max_cpu: { percent: 90 },
  }),
  ...section('restart.backoff', { initial: '2s', factor: 3, max: '4m', jitter: 0.5 }),
  ...section('logs', {
    directory: 'var',
    max_size: '3M',
    retain: '4d',
    compress: false,
    max_total: '60M',
    files: ['logs/own.log'],
  }),
  ...Object.fromEntries(
    Object.entries({ name: 'store', check: 'tcp://10.0.0.8:5432', field: 'services.db', start: 'healthy' }).map(
      ([key, value]) => [
        `depends_on.${key}`,
        (base: BackendInput) => ({ ...base, depends_on: [{ name: 'db', check: 'tcp://10.0.0.7:5432', [key]: value }] }),
      ],
    ),
  ),
};

test('every key of the schema is tried', () => {
  const backends = configJsonSchema().properties?.backends?.items;
  assert.ok(backends);
  assert.deepEqual(Object.keys(CHANGED).sort(), leaves(backends, '').sort());
});

test('docs/export.md says of every key what becomes of it', () => {
  const page = readFileSync(join(ROOT, 'docs/export.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w.]+)` \|/gm)].map(([, key]) => key);
  assert.deepEqual(rows.sort(), Object.keys(CHANGED).sort());
});

for (const target of TARGETS) {
  const before = planned(target, inputOf(configurationOf(BASE), '/srv/shop', '/usr/bin/node'));
  for (const [key, change] of Object.entries(CHANGED))
    test(`${key} leaves its mark in an export to ${target}`, async () => {
      const after = await planned(target, inputOf(configurationOf(change(BASE)), '/srv/shop', '/usr/bin/node'));
      assert.notDeepEqual(after.files, (await before).files);
    });
}

function configurationOf(backend: BackendInput): Configuration {
  return {
    name: 'changed',
    definition: { backends: [backend, { name: 'other', run: { script: 'other.js' }, port: 5558 }] },
    envFiles: { '.env': ['SECRET'] },
    images: {},
  };
}

/** A change for each key of a section, `restart.backoff` too. */
function section(path: string, values: Readonly<Record<string, unknown>>): typeof CHANGED {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      `${path}.${key.startsWith('env_p') ? 'env_NAME' : key}`,
      (base) => within(base as never, path.split('.'), key, value) as unknown as BackendInput,
    ]),
  );
}

function within(
  object: Readonly<Record<string, unknown>>,
  [first, ...rest]: readonly string[],
  key: string,
  value: unknown,
): object {
  if (first === undefined) return { ...object, [key]: value };
  return { ...object, [first]: within((object[first] ?? {}) as never, rest, key, value) };
}

/** The paths of all keys that hold a value. */
function leaves({ properties = {}, patternProperties = {} }: JsonSchema, path: string): string[] {
  return [
    ...Object.entries(properties).flatMap(([key, property]) => {
      const inner = property.properties ? property : (property.items ?? property);
      return inner.properties ? leaves(inner, `${path}${key}.`) : [`${path}${key}`];
    }),
    ...Object.keys(patternProperties).map(() => `${path}env_NAME`),
  ];
}
