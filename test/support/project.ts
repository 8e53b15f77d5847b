import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './port.ts';
import { ROOT, type Sandbox } from './sandbox.ts';

/**
 * A server that finishes what it has begun, and says who it is: its pid and two variables. After the last answer it stays for a
 * moment: as a worker of a cluster it gives back the connections that were on their way to it.
 */
const SERVER = `
const server = require('node:http').createServer((request, response) => {
  if (request.url === '/crash') process.exit(7);
  response.end(JSON.stringify({ pid: process.pid, colour: process.env.COLOUR, secret: process.env.SECRET }));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening', process.pid));
process.on('SIGINT', () => server.close(() => setTimeout(process.exit, 200, 0)));
`;

export interface Project {
  readonly file: string;
  readonly ports: { readonly api: number; readonly workers: number; readonly python: number };
  /** Lays a backend.yaml over it. */
  overlay(yaml: string): void;
}

/** An ecosystem file and three backends in the sandbox's folder: a Node script, two cluster workers, a Python program with an env_file. */
export async function writeProject({ dir }: Pick<Sandbox, 'dir'>): Promise<Project> {
  const ports = { api: await freePort(), workers: await freePort(), python: await freePort() };
  const file = join(dir, 'ecosystem.config.ts');
  const quick = `health: { liveness: '/', readiness: null, interval: '250ms' }`;
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(dir, 'server.cjs'), SERVER);
  writeFileSync(join(dir, '.env'), 'SECRET=of-the-env-file\n', { mode: 0o600 });
  writeFileSync(
    file,
    `import { defineEcosystem } from '${join(ROOT, 'src/index.ts')}';
export const { apps } = defineEcosystem(import.meta.url, {
  backends: [
    { name: 'api', port: ${ports.api}, ${quick},
      run: { script: 'server.cjs', env: { COLOUR: 'red' }, env_production: { COLOUR: 'gold' }, env_file: '.env' } },
    { name: 'workers', port: ${ports.workers}, ${quick}, run: { script: 'server.cjs', instances: 2, env: { COLOUR: 'red' }, env_file: '.env' } },
    { name: 'python', port: ${ports.python}, ${quick}, run: { command: '/usr/bin/python3 -m http.server --bind 127.0.0.1 ${ports.python}', env_file: '.env' } },
  ],
  dashboard: { port: null },
} satisfies Parameters<typeof defineEcosystem>[1]);
`,
  );
  return { file, ports, overlay: (yaml) => writeFileSync(join(dir, 'backend.yaml'), yaml) };
}

/** What a backend of the project answers. */
export async function ask(port: number): Promise<{ pid: number; colour?: string; secret?: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(10_000),
  });
  return (await response.json()) as { pid: number };
}
