import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../port.ts';
import { type Output, Sandbox } from '../sandbox.ts';

export type Form = 'es-module' | 'commonjs';

const SERVER = `http.createServer((request, response) => response.end('{}')).listen(Number(process.env.PORT), '127.0.0.1');\n`;
const DEFINITION = (port: number) =>
  `{
  backends: [{ name: 'api', run: { script: 'server.js' }, port: ${port}, health: { liveness: '/health', readiness: null } }],
  dashboard: { port: null },
}`;

/** A project as `npm init -y` begins it, in a folder with a space in its name, and a PM2 of its own. */
export class Stranger {
  readonly sandbox: Sandbox;
  readonly dir: string;

  constructor(env: NodeJS.ProcessEnv = {}, folder = 'my project') {
    const npm = { npm_config_cache: join(homedir(), '.npm'), npm_config_prefer_offline: 'true', npm_config_fund: 'false' };
    this.sandbox = new Sandbox({ ...npm, npm_config_audit: 'false', npm_config_update_notifier: 'false', ...env });
    this.dir = join(this.sandbox.dir, folder);
    mkdirSync(this.dir);
    writeFileSync(join(this.dir, 'package.json'), JSON.stringify({ name: 'my-project', version: '1.0.0', private: true }));
  }

  /** Writes the ecosystem file and the server that it names. */
  async write(form: Form): Promise<{ port: number }> {
    const port = await freePort();
    const about = JSON.parse(readFileSync(join(this.dir, 'package.json'), 'utf8')) as object;
    writeFileSync(
      join(this.dir, 'package.json'),
      JSON.stringify({ ...about, type: form === 'es-module' ? 'module' : 'commonjs' }),
    );
    const [server, config] =
      form === 'es-module'
        ? [
            `import http from 'node:http';\n${SERVER}`,
            `import { defineEcosystem } from 'pm2-lifeguard';\nexport const { apps } = defineEcosystem(import.meta.url, ${DEFINITION(port)});\n`,
          ]
        : [
            `const http = require('node:http');\n${SERVER}`,
            `const { defineEcosystem } = require('pm2-lifeguard') as typeof import('pm2-lifeguard');\nmodule.exports = defineEcosystem(__filename, ${DEFINITION(port)});\n`,
          ];
    writeFileSync(join(this.dir, 'server.js'), server);
    writeFileSync(join(this.dir, 'ecosystem.config.ts'), config);
    return { port };
  }

  /** Runs a program of the project's, or one by its path, in its folder. @throws Error with its output when it does not end in 0 */
  async must(program: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(program, ...args);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended in ${code}\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  run(program: string, ...args: string[]): Promise<Output> {
    return this.sandbox.run(program, args, { cwd: this.dir, deadlineMs: 300_000 });
  }

  /** The installed `lifeguard`, by this Node; `PATH` has it first. */
  lifeguard(node: string, ...args: string[]): Promise<Output> {
    const env = { ...this.sandbox.env, PATH: `${dirname(node)}${delimiter}${this.sandbox.env.PATH}` };
    const program = join(this.dir, 'node_modules/pm2-lifeguard/bin/lifeguard.js');
    return this.sandbox.run(node, [program, ...args], { cwd: this.dir, env });
  }

  /** Ends the PM2 daemon and forgets all that it knew. */
  async endDaemon(): Promise<void> {
    await this.must(process.execPath, 'node_modules/pm2/bin/pm2', 'kill');
    rmSync(this.sandbox.pm2Home, { recursive: true });
  }

  /** Gives all that is here, but for what is installed, to a user. */
  giveTo(uid: number): void {
    const visit = (path: string) => {
      chownSync(path, uid, uid);
      if (statSync(path).isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
    };
    for (const name of readdirSync(this.dir)) if (name !== 'node_modules') visit(join(this.dir, name));
    chownSync(this.sandbox.dir, uid, uid);
    chownSync(this.dir, uid, uid);
  }

  /** What its node_modules take on the disk, in MB of 1,024 KB, as `du -sm` has it. */
  installedMb(): number {
    const { stdout } = spawnSync('du', ['-sk', join(this.dir, 'node_modules')], { encoding: 'utf8' });
    return Number.parseInt(stdout, 10) / 1_024;
  }
}
