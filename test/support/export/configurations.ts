import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EcosystemInput } from '../../../src/config/input.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { ResolvedConfig } from '../../../src/config/resolved.ts';
import type { Machine } from '../../../src/ecosystem/machine.ts';
import type { ImageFacts } from '../../../src/export/image/image-facts.ts';
import type { ExportInput } from '../../../src/export/input.ts';
import { subjectOf } from '../../../src/export/subject.ts';

/** A configuration, and what the folder that it is in holds. */
export interface Configuration {
  readonly name: string;
  readonly definition: EcosystemInput;
  readonly envFiles: Readonly<Record<string, readonly string[]>>;
  readonly images: Readonly<Record<string, ImageFacts>>;
}

const NOTHING: ImageFacts = { dockerfile: null, packages: [], version: null };

export const CONFIGURATIONS: readonly Configuration[] = [
  {
    name: 'fastapi',
    definition: {
      backends: [
        {
          name: 'mediaposter-backend',
          run: { command: 'venv/bin/uvicorn main:app --host 0.0.0.0 --port 5555', env_file: '.env' },
          port: 5555,
          depends_on: [{ name: 'database', check: 'postgresql://app:sesame@127.0.0.1:5432/media', field: 'services.database' }],
          restart: { max_memory: '500M' },
        },
      ],
    },
    envFiles: { '.env': ['DATABASE_URL', 'SECRET_KEY'] },
    images: { 'mediaposter-backend': { ...NOTHING, packages: ['requirements.txt'], version: '3.11' } },
  },
  {
    name: 'node-cluster',
    definition: {
      backends: [
        {
          name: 'web',
          run: {
            script: 'server.js',
            instances: 2,
            env: { COMPRESS: 'on' },
            env_production: { NODE_ENV: 'production', CACHE: 'on' },
          },
          port: 5561,
          health: { liveness: '/health', readiness: null },
        },
      ],
    },
    envFiles: {},
    images: { web: { ...NOTHING, packages: ['package.json', 'package-lock.json'], version: '24' } },
  },
  {
    name: 'two-backends',
    definition: {
      backends: [
        {
          name: 'api',
          run: {
            script: 'api/server.ts',
            args: ['--motto', 'half a "loaf", 100% $HOME'],
            env: { MOTTO: '50% off, $5', TOKEN: 'sesame' },
          },
          port: 8080,
          health: { liveness: '/live', readiness: '/ready', interval: '2s', success_threshold: 2 },
          depends_on: [
            { name: 'database', check: 'postgres://app:sesame@127.0.0.1/shop' },
            { name: 'cache', check: 'tcp://10.0.0.7:6379' },
          ],
          restart: {
            on: ['crash', 'hang'],
            kill_timeout: '2m',
            max_restarts: 3,
            within: '1h',
            backoff: { initial: '500ms', max: '1m' },
          },
          logs: { max_size: '1M', retain: '3d', max_total: '20M', files: ['logs/api-audit.log'] },
        },
        {
          name: 'Worker_2',
          run: { command: './bin/worker --port 81', cwd: 'worker' },
          port: 81,
          health: { liveness: 'tcp://127.0.0.1:81', readiness: null },
          restart: { on: ['hang'] },
        },
      ],
      alerts: [{ type: 'slack', url: 'https://hooks.example.com/sesame' }],
    },
    envFiles: {},
    images: { api: { ...NOTHING, packages: ['package.json'], version: '20' }, Worker_2: NOTHING },
  },
];

/** What its planners are given, as if the project lay in `directory` of a machine whose Node is `node`. */
export function inputOf({ definition, envFiles, images }: Configuration, directory: string, node: string): ExportInput {
  const config = resolved(definition, directory);
  const machine: Machine = {
    node: 'node',
    stripsTypes: true,
    pm2Home: '/home/me/.pm2',
    locate: (program) => (program === 'node' ? node : program.startsWith('/') ? program : `/usr/bin/${program}`),
  };
  const namesIn = (file: string) => envFiles[file.slice(directory.length + 1)] ?? [];
  const subjects = config.backends.map((backend) => subjectOf(backend, { machine, namesIn, environment: null }));
  const watcher = {
    node,
    program: join(directory, 'node_modules/pm2-lifeguard/bin/unit-health.js'),
    file: join(directory, 'ecosystem.config.ts'),
  };
  return { directory, target: join(directory, 'deploy'), subjects, images, alertChannels: config.alerts.length, watcher };
}

export function resolved(definition: EcosystemInput, directory: string): ResolvedConfig {
  return loadConfig({ file: join(directory, 'ecosystem.config.ts'), typescript: definition, env: {} });
}

/** Puts programs where the command lines say that they are: what is checked on this machine looks for them. */
export function withPrograms({ subjects, directory }: ExportInput): void {
  for (const { line, backend } of subjects) {
    mkdirSync(backend.run.cwd, { recursive: true });
    const [program = ''] = line;
    if (!program.startsWith(directory)) continue;
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
  }
}
