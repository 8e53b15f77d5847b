// Compiled, never run: what a wrong key or unit in TypeScript must not do is compile.
import type { z } from 'zod';
import type { BackendInput, EcosystemInput } from '../../src/config/input.ts';
import type { alertChannel } from '../../src/config/schema/alerts.ts';
import type { dashboard, health, logs, restart } from '../../src/config/schema/schema.ts';

const run = { script: 'server.js' };

export const right: EcosystemInput = {
  backends: [
    {
      name: 'api',
      run: {
        command: 'venv/bin/uvicorn main:app',
        env: { A: 1, B: true, C: process.env.C },
        env_production: { A: 'x' },
        env_file: null,
      },
      port: 5555,
      health: { liveness: '/health', readiness: null, interval: '1s', timeout: 5_000 },
      restart: { on: ['crash', 503], within: '10m', backoff: { max: '5m' }, max_memory: '500M', cool_down: null },
      depends_on: [{ name: 'database', check: 'tcp://127.0.0.1:5432' }],
      logs: { retain: '10d', max_size: '10M' },
    },
  ],
  alerts: [{ type: 'email', smtp: 'smtp://mail', from: 'a@b', to: ['c@d'] }],
  dashboard: null,
};

export const checks: BackendInput = {
  name: 'api',
  run,
  health: {
    headers: { Host: 'shop.example' },
    liveness: { http: '/health', method: 'HEAD', expect: { status: [200, 401], json: { status: 'healthy' } } },
  },
};
// @ts-expect-error no such key of a check
export const inCheck: BackendInput = { name: 'a', run, health: { liveness: { http: '/', metod: 'GET' } } };
// @ts-expect-error no such key
export const key: BackendInput = { name: 'a', run, restart: { max_restart: 3 } };
// @ts-expect-error no such key in run
export const inRun: BackendInput = { name: 'a', run: { comand: 'x' } };
// @ts-expect-error no such unit
export const unit: BackendInput = { name: 'a', run, health: { interval: '1 second' } };
// @ts-expect-error a size where a duration is wanted
export const size: BackendInput = { name: 'a', run, restart: { within: '10M' } };
// @ts-expect-error a duration where a size is wanted
export const duration: BackendInput = { name: 'a', run, restart: { max_memory: '10s' } };
// @ts-expect-error a port is a number
export const port: BackendInput = { name: 'a', run, port: '5555' };
// @ts-expect-error name is needed
export const nameless: BackendInput = { run };
// @ts-expect-error run is needed
export const idle: BackendInput = { name: 'a' };
// @ts-expect-error no such cause
export const cause: BackendInput = { name: 'a', run, restart: { on: ['500'] } };
// @ts-expect-error a webhook has no recipients
export const alert: EcosystemInput = { backends: [], alerts: [{ type: 'webhook', url: 'https://x', to: ['y'] }] };

// The generated interfaces are what zod infers, section by section.
type Loose<T> = T extends readonly (infer Item)[]
  ? Loose<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Loose<T[Key]> }
    : T;
type Same<A, B> = [Loose<A>] extends [Loose<B>] ? ([Loose<B>] extends [Loose<A>] ? true : never) : never;
export const same: [
  Same<NonNullable<BackendInput['health']>, z.input<typeof health>>,
  Same<NonNullable<BackendInput['restart']>, z.input<typeof restart>>,
  Same<NonNullable<BackendInput['logs']>, z.input<typeof logs>>,
  Same<NonNullable<EcosystemInput['dashboard']>, z.input<typeof dashboard>>,
  Same<NonNullable<EcosystemInput['alerts']>[number], z.input<typeof alertChannel>>,
] = [true, true, true, true, true];
