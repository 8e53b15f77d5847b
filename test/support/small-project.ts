import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRows } from '../../src/host/linux/process-table.ts';
import { isDead } from '../../src/host/processes/process-row.ts';
import { listed } from './listed.ts';
import { freePort } from './port.ts';
import { type Output, ROOT, type Sandbox } from './sandbox.ts';

/** Answers 200 with its pid, and ends at once when it is asked to. */
const SERVER = `require('node:http').createServer((_, response) => response.end(String(process.pid))).listen(process.env.PORT, '127.0.0.1');
process.on('SIGINT', () => process.exit(0));
`;

/** What a test writes into its backend.yaml, or beside it. */
export type Keys = Readonly<Record<string, unknown>>;

/** An ecosystem file with a few small backends, in a folder of its own below a sandbox that others share. */
export class SmallProject {
  readonly dir: string;
  readonly file: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox, dir: string, ports: Readonly<Record<string, number>>) {
    this.#sandbox = sandbox;
    this.dir = dir;
    this.file = join(dir, 'ecosystem.config.ts');
    this.ports = ports;
  }

  /** Its backend.yaml: every backend with its port, `more` over it by name, and further keys at the top. */
  configure(more: Readonly<Record<string, Keys>> = {}, top: Keys = {}): void {
    const backends = Object.entries(this.ports).map(([name, port]) => {
      const { run, ...rest } = more[name] ?? {};
      return { name, port, run: { script: 'server.cjs', ...(run as Keys) }, health: { interval: '250ms' }, ...rest };
    });
    writeFileSync(join(this.dir, 'backend.yaml'), JSON.stringify({ backends, dashboard: null, ...top })); // JSON is YAML
  }

  pm2(...args: string[]): Promise<Output> {
    return this.#run('pm2.js', args);
  }

  lifeguard(...args: string[]): Promise<Output> {
    return this.#run('lifeguard.js', args);
  }

  #run(bin: string, args: readonly string[]): Promise<Output> {
    const env = { ...this.#sandbox.env, PWD: this.dir };
    return this.#sandbox.run(process.execPath, [join(ROOT, 'bin', bin), ...args], { cwd: this.dir, env });
  }
}

/** Backends of these names, none of them started yet. */
export async function smallProject(sandbox: Sandbox, folder: string, names: readonly string[]): Promise<SmallProject> {
  const dir = join(sandbox.dir, folder);
  mkdirSync(dir, { recursive: true });
  const index = pathToFileURL(join(ROOT, 'src/index.ts')).href.replace('file://', '');
  writeFileSync(
    join(dir, 'ecosystem.config.ts'),
    `import { defineEcosystem } from ${JSON.stringify(index)};\nexport const { apps } = defineEcosystem(import.meta.url, { backends: [] });\n`,
  );
  writeFileSync(join(dir, 'server.cjs'), SERVER);
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()] as const)));
  const project = new SmallProject(sandbox, dir, ports);
  project.configure();
  return project;
}

/** By name, what tells each process of this PM2 from any later one: `pid@start time`, or its status where none runs. */
export async function incarnations(sandbox: Sandbox, ...names: string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name, pid, status } of await listed(sandbox.pm2Home)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const row = pid > 0 ? readRows([pid]).get(pid) : undefined;
    found[name] = [...(found[name] ?? []), row && !isDead(row) ? `${pid}@${row.startTime}` : status].toSorted();
  }
  return found;
}
