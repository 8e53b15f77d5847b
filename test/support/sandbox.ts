import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { until } from './poll.ts';
import { removeFolder } from './remove-folder.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Listed {
  readonly name: string;
  readonly pid: number;
  readonly pm_id: number;
  readonly pm2_env: Record<string, unknown> & { status: string; restart_time: number };
}

/**
 * A folder and a PM2 of its own, for one test. `dispose` ends the daemon and every process that carries its PM2_HOME in its
 * environment, and fails when one will not go.
 */
export class Sandbox {
  readonly dir: string;
  readonly pm2Home: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'lifeguard-test-'));
    // As root the embedded PostgreSQL runs as another user, who has to get there.
    chmodSync(this.dir, 0o755);
    this.pm2Home = join(this.dir, 'pm2');
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_TEST|NODE_OPTIONS|PM2_|pm_)/.test(key)),
    );
    this.env = { ...inherited, PM2_HOME: this.pm2Home, NO_COLOR: '1', PM2_DISCRETE_MODE: 'true', ...env };
  }

  /** Runs a program to its end, without a shell. */
  run(command: string, args: readonly string[], options: SpawnOptions & { deadlineMs?: number } = {}): Promise<Output> {
    return output(
      spawn(command, args, { cwd: this.dir, env: this.env, ...options, stdio: ['ignore', 'pipe', 'pipe'] }),
      options.deadlineMs,
    );
  }

  /** This package's own pm2. */
  pm2(...args: string[]): Promise<Output> {
    return this.run(process.execPath, [join(ROOT, 'bin/pm2.js'), ...args]);
  }

  /** This package's lifeguard command. */
  lifeguard(...args: string[]): Promise<Output> {
    return this.run(process.execPath, [join(ROOT, 'bin/lifeguard.js'), ...args]);
  }

  async list(): Promise<Listed[]> {
    const { stdout } = await this.pm2('jlist');
    return JSON.parse(stdout.slice(stdout.indexOf('['))) as Listed[];
  }

  async dispose(): Promise<void> {
    await this.run(process.execPath, [join(ROOT, 'node_modules/pm2/bin/pm2'), 'kill']).catch(() => undefined);
    const end = performance.now() + 5_000;
    while (processesOf(this.pm2Home).length > 0 && performance.now() < end) await sleep(50);
    const left = processesOf(this.pm2Home);
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    await until('processes of the sandbox to end', () => processesOf(this.pm2Home).length === 0);
    await removeFolder(this.dir);
    if (left.length > 0) throw new Error(`left running after pm2 kill: ${left.map((p) => `${p.pid} ${p.command}`).join('; ')}`);
  }
}

/** Every live process with this PM2_HOME in its environment. */
export function processesOf(pm2Home: string): { pid: number; command: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0').includes(`PM2_HOME=${pm2Home}`)) return [];
      const state = readFileSync(`/proc/${entry}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return state === 'Z' ? [] : [{ pid: Number(entry), command }];
    } catch {
      return [];
    }
  });
}

function output(child: ChildProcess, deadlineMs = 60_000): Promise<Output> {
  return new Promise((resolve, reject) => {
    const chunks = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      chunks.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      chunks.stderr += text;
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no end after ${deadlineMs} ms: ${child.spawnargs.join(' ')}\n${chunks.stdout}\n${chunks.stderr}`));
    }, deadlineMs);
    child.once('error', reject);
    // 'exit' rather than 'close': a daemon that the program left behind may hold the pipes open.
    child.once('exit', (code) => {
      clearTimeout(timer);
      setTimeout(() => resolve({ code, ...chunks }), 20);
    });
  });
}
