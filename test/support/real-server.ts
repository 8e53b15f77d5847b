import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { treeOf } from '../../src/host/processes/trees.ts';
import { thisHost } from '../../src/host/this-host.ts';
import { until } from './poll.ts';
import { freePort } from './port.ts';
import { type BackendKeys, get, type Product } from './product.ts';
import { processesOf, ROOT } from './sandbox.ts';

const FIXTURES = join(ROOT, 'test/fixtures/servers');

/** Debian's servers and Node's, of an app that answers with its pid. */
const COMMANDS = {
  gunicorn: (port: number) => `/usr/bin/gunicorn -w 2 -b 127.0.0.1:${port} wsgi_app:app`,
  uvicorn: (port: number) => `/usr/bin/uvicorn --workers 2 --port ${port} asgi_app:app`,
  hypercorn: (port: number) => `/usr/bin/hypercorn --workers 2 -b 127.0.0.1:${port} asgi_app:app`,
  django: (port: number) => `/usr/bin/gunicorn -w 2 -b 127.0.0.1:${port} django_app:app`,
  'uvicorn, one process': (port: number) => `/usr/bin/uvicorn --port ${port} asgi_app:app`,
  'http.server': (port: number) => `/usr/bin/python3 -m http.server --bind 127.0.0.1 ${port}`,
  node: () => `${process.execPath} server.cjs`,
  'node, its own cluster': () => `${process.execPath} server.cjs cluster`,
} as const;

/** Django answers to its own name alone. */
const HEALTH: Partial<Record<keyof typeof COMMANDS, BackendKeys>> = { django: { headers: { Host: 'shop.example' } } };

export type ServerKind = keyof typeof COMMANDS;

/** A backend that is one of Debian's servers, under a PM2 of its own. */
export interface RealServer {
  readonly name: string;
  readonly port: number;
  /** What PM2 started, and the workers below it. Waits until all are there. */
  family(count?: number): Promise<{ parent: number; workers: number[] }>;
  /** What PM2 runs of it now, and all below that. */
  tree(): Promise<readonly number[]>;
  /** Every live process that carries its marker, whoever's child it is. */
  everybody(): number[];
}

export async function realServer(product: Product, name: string, kind: ServerKind, keys: BackendKeys = {}): Promise<RealServer> {
  const port = await freePort();
  const { health, env, ...rest } = keys as { health?: BackendKeys; env?: BackendKeys };
  product.backend({
    name,
    port,
    run: { command: COMMANDS[kind](port), cwd: FIXTURES, env: { PYTHONDONTWRITEBYTECODE: '1', ...env } },
    health: { liveness: '/', readiness: null, ...HEALTH[kind], ...health },
    ...rest,
  });
  return {
    name,
    port,
    async family(count = 2) {
      return until(
        `${count} workers of ${name}`,
        async () => {
          const { processes } = await product.status(name);
          const parent = processes[0]?.pid ?? 0;
          const workers = await workersBelow(parent);
          return parent > 0 && workers.length === count && (await get(port, '/')).status < 500 ? { parent, workers } : null;
        },
        { deadlineMs: 30_000 },
      );
    },
    async tree() {
      const { processes } = await product.status(name);
      return treeOf(processes[0]?.pid ?? 0, await thisHost(process.env).processes());
    },
    everybody: () => processesOf(product.sandbox.pm2Home).flatMap(({ pid }) => (appOf(pid) === name ? [pid] : [])),
  };
}

/** multiprocessing has a helper of its own beside the workers. */
async function workersBelow(parent: number): Promise<number[]> {
  const tree = treeOf(parent, await thisHost(process.env).processes()).filter((pid) => pid !== parent);
  return tree.filter((pid) => !argumentsOf(pid).includes('multiprocessing.resource_tracker'));
}

function argumentsOf(pid: number): string {
  return read(pid, 'cmdline').replaceAll('\0', ' ');
}

function appOf(pid: number): string | undefined {
  const variable = read(pid, 'environ')
    .split('\0')
    .find((entry) => entry.startsWith('LIFEGUARD_APP='));
  return variable?.slice('LIFEGUARD_APP='.length);
}

function read(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
