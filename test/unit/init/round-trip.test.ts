// What `lifeguard export` writes for systemd and compose is read by `lifeguard init`: nothing is lost that both can say.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { EcosystemInput } from '../../../src/config/input.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ResolvedConfig } from '../../../src/config/resolved.ts';
import type { Machine } from '../../../src/ecosystem/machine.ts';
import { endpointOf } from '../../../src/export/endpoint.ts';
import { type Subject, subjectOf } from '../../../src/export/subject.ts';
import { planFiles } from '../../../src/init/plan.ts';
import { projectFolder } from '../../../src/init/project-folder.ts';
import { readCompose } from '../../../src/init/readers/compose.ts';
import { readUnits } from '../../../src/init/readers/systemd.ts';
import { planned, type Target } from '../../support/export/planned.ts';

const RUNS = process.env.RUNS ? { numRuns: Number(process.env.RUNS) } : { numRuns: 60, seed: 12 };
const DIR = mkdtempSync(join(tmpdir(), 'lifeguard-round-trip-'));
after(() => rmSync(DIR, { recursive: true, force: true }));
for (const folder of ['.', 'api', 'the api $5 100%']) {
  mkdirSync(join(DIR, folder), { recursive: true });
  for (const file of ['server.js', 'main.py', '.env']) writeFileSync(join(DIR, folder, file), '');
}
const MACHINE: Machine = {
  node: 'node',
  stripsTypes: true,
  pm2Home: '/home/me/.pm2',
  locate: (program) => (program.startsWith('/') ? program : `/usr/bin/${program}`),
};

const word = fc
  .oneof(fc.string({ maxLength: 12 }), fc.string({ unit: fc.constantFrom(...'$%{}"\'\\;# \tA~*'), maxLength: 12 }))
  // What no command line can hold, and what names another port than `port` does.
  .filter((text) => !/[\0\ud800-\udfff]|\d\d|^-(-port|p|-bind|b)/.test(text));
const variables = fc
  .tuple(fc.dictionary(fc.constantFrom('A', 'MOTTO', 'NODE_ENV', 'some_thing', 'TOKEN'), word), fc.boolean())
  .map(([env, withUrl]) => ({ ...env, ...(withUrl && { DATABASE_URL: 'postgres://me:sesame@127.0.0.1/shop' }) }));
const run = fc.record({
  script: fc.constantFrom('server.js', 'main.py'),
  cwd: fc.constantFrom('.', 'api', 'the api $5 100%'),
  args: fc.array(word, { maxLength: 4 }),
  env: variables,
  env_file: fc.constantFrom(null, '.env'),
});
const backend = fc
  .record({
    name: fc.constantFrom('api', 'Worker_2', 'a.b-c'),
    run,
    port: fc.integer({ min: 10, max: 65_535 }),
    path: fc.constantFrom('/health', '/api/health?deep=1', '/a"b\'$c'),
    max_memory: fc.oneof(fc.constantFrom('500M', '1G'), fc.integer({ min: 1_048_576, max: 2 ** 40 })),
  })
  .map(({ path, max_memory, run: { script, cwd, ...rest }, ...given }) => ({
    ...given,
    run: { ...rest, cwd: join(DIR, cwd), script: join(DIR, cwd, script) },
    health: { liveness: path, readiness: null },
    restart: { max_memory },
  }));
const definition = fc.uniqueArray(backend, {
  comparator: (one, other) => one.name === other.name || one.port === other.port,
  minLength: 1,
  maxLength: 2,
});

for (const [target, read] of [
  ['systemd', readUnits],
  ['compose', readCompose],
] as const)
  test(`a backend as ${target} has it comes back as it was`, async () => {
    await fc.assert(
      fc.asyncProperty(definition, async (backends) => {
        const before = resolve({ backends } as unknown as EcosystemInput);
        const written = await write(target, before);
        try {
          const draft = read(projectFolder(DIR));
          assert.ok(draft);
          const [yaml] = planFiles(draft, { isModule: true, importFrom: 'pm2-lifeguard' });
          writeFileSync(join(DIR, 'backend.yaml'), yaml?.text ?? '');
          written.push(join(DIR, 'backend.yaml'));
          const env = { TOKEN: 'given', DATABASE_URL: 'given' };
          const afterwards = resolve({ backends: [] }, env);
          assert.deepEqual(said(target, afterwards), said(target, before));
        } finally {
          for (const file of written) rmSync(file);
        }
      }),
      { ...RUNS, includeErrorInReport: true },
    );
  });

function resolve(typescript: EcosystemInput, env = {}): ResolvedConfig {
  return loadConfig({ file: join(DIR, 'ecosystem.config.ts'), typescript, env });
}

function subjects(config: ResolvedConfig): Subject[] {
  return config.backends.map((each) => subjectOf(each, { machine: MACHINE, namesIn: () => [], environment: null }));
}

const WATCHER = { node: '/usr/bin/node', program: '/opt/unit-health.js', file: '/srv/ecosystem.config.ts' };

/** @returns the files */
async function write(target: Target, config: ResolvedConfig): Promise<string[]> {
  const images = Object.fromEntries(
    config.backends.map(({ name }) => [name, { dockerfile: null, packages: [], version: '24' }] as const),
  );
  const input = { directory: DIR, target: DIR, subjects: subjects(config), images, alertChannels: 0, watcher: WATCHER };
  const { files } = await planned(target, input);
  return files.map(({ path, text }) => {
    mkdirSync(dirname(join(DIR, path)), { recursive: true });
    writeFileSync(join(DIR, path), text);
    return join(DIR, path);
  });
}

/** What both have a word for, by backend. The values of secrets are in no export; their names are in compose's. */
function said(target: 'systemd' | 'compose', config: ResolvedConfig): unknown {
  const each = subjects(config).map(({ backend: found, line, env, hidden }) => {
    const asked = endpointOf(found.targets.readiness ?? found.targets.liveness);
    const { TOKEN, DATABASE_URL, ...plain } = env;
    return {
      ...{ name: found.name, port: found.port, cwd: found.run.cwd, envFile: found.run.envFile },
      line: line.map((text) => fileIn(found.run.cwd, text)).map((text, at) => (at === 0 ? text.replace(/^.*\//, '') : text)),
      env: plain,
      maxMemory: found.policy.maxMemoryBytes,
      ...(target === 'compose' && asked?.kind === 'http' && { asked: asked.path }),
      ...(target === 'compose' && {
        passedOn: [...new Set([...hidden, ...Object.keys({ TOKEN, DATABASE_URL }).filter((key) => key in env)])].sort(),
      }),
    };
  });
  return each.sort((one, other) => one.name.localeCompare(other.name));
}

function fileIn(cwd: string, text: string): string {
  const path = join(cwd, text);
  return text !== '' && !text.startsWith('/') && existsSync(path) && path !== cwd ? path : text;
}
