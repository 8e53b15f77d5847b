import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { assembleEcosystem } from '../../src/ecosystem/assemble.ts';
import { thisMachine } from '../../src/ecosystem/machine.ts';
import { readRows } from '../../src/host/linux/process-table.ts';
import { isDead } from '../../src/host/processes/process-row.ts';
import { inheritable } from '../../src/pm2/daemon/environment.ts';
import {
  type CommandOptions,
  deleteEcosystem,
  restartEcosystem,
  startEcosystem,
  stopEcosystem,
} from '../../src/pm2/launch/commands.ts';
import { type Ecosystem, knownAs } from '../../src/pm2/launch/ecosystem.ts';
import { listed } from './listed.ts';
import { freePort } from './port.ts';
import { type Output, ROOT, type Sandbox } from './sandbox.ts';

/** Answers 200 with its pid, and ends at once when it is asked to. */
const SERVER = `require('node:http').createServer((_, response) => response.end(String(process.pid))).listen(process.env.PORT, '127.0.0.1');
process.on('SIGINT', () => process.exit(0));
`;

/** What a test writes into a backend.yaml. */
export type Keys = Readonly<Record<string, unknown>>;

/** What may differ from one command to the next. */
export type Given = Partial<Pick<CommandOptions, 'only' | 'envName' | 'environment' | 'adopt'>>;

/**
 * An ecosystem file with a few small backends, in a folder of its own below a sandbox that others share. `start` and the like do what
 * this package's `pm2` does, in this process: that of their own costs a second each.
 */
export class SmallProject {
  readonly dir: string;
  /** By its logical path. */
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
      const health = { liveness: '/', readiness: null, interval: '250ms' };
      return { name, port, run: run ?? { script: 'server.cjs' }, health, ...rest };
    });
    writeFileSync(join(this.dir, 'backend.yaml'), JSON.stringify({ backends, dashboard: null, ...top })); // JSON is YAML
  }

  ecosystem(environment: NodeJS.ProcessEnv = this.#sandbox.env, file = this.file): Ecosystem {
    const config = loadConfig({ file, typescript: { backends: [] }, env: environment, cwd: this.dir });
    return knownAs(file, assembleEcosystem(file, config, environment, thisMachine(environment)));
  }

  start(given: Given = {}): Promise<string[]> {
    return this.#command((ecosystem, options) => startEcosystem(ecosystem, options), given);
  }

  restart(given: Given = {}): Promise<string[]> {
    return this.#command((ecosystem, options) => restartEcosystem(ecosystem, 'restart', options), given);
  }

  stop(given: Given = {}): Promise<string[]> {
    return this.#command((ecosystem, options) => stopEcosystem(ecosystem, options), given);
  }

  delete(given: Given = {}): Promise<string[]> {
    return this.#command((ecosystem, options) => deleteEcosystem(ecosystem, options), given);
  }

  /** The real command line, from its folder. */
  lifeguard(...args: string[]): Promise<Output> {
    return this.#run('bin/lifeguard.js', args);
  }

  /** PM2's own command line, from its folder. */
  pm2(...args: string[]): Promise<Output> {
    return this.#run('node_modules/pm2/bin/pm2', args);
  }

  #run(program: string, args: readonly string[]): Promise<Output> {
    const env = { ...this.#sandbox.env, PWD: this.dir };
    return this.#sandbox.run(process.execPath, [join(ROOT, program), ...args], { cwd: this.dir, env });
  }

  /** @returns what it told */
  async #command(act: (ecosystem: Ecosystem, options: CommandOptions) => Promise<unknown>, given: Given): Promise<string[]> {
    const told: string[] = [];
    const environment = given.environment ?? this.#sandbox.env;
    const about = { pm2Home: this.#sandbox.pm2Home, only: null, envName: null, adopt: null };
    const options = { ...about, print: (line: string) => told.push(line) };
    await act(this.ecosystem(environment as NodeJS.ProcessEnv), { ...options, ...given, environment: inheritable(environment) });
    return told;
  }
}

/** Backends of these names, none of them started yet. */
export async function smallProject(sandbox: Sandbox, folder: string, names: readonly string[]): Promise<SmallProject> {
  const dir = join(sandbox.dir, folder);
  mkdirSync(dir, { recursive: true });
  const index = pathToFileURL(join(ROOT, 'src/index.ts')).pathname;
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
