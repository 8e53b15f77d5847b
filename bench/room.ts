import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../test/support/sandbox.ts';

const open = new Set<Room>();

/**
 * A temporary folder in which something is run: everything started from here carries the folder in its environment (as
 * PM2_HOME) and is killed, by pid, when the room is closed, at the latest when this process ends.
 */
export class Room {
  readonly dir = mkdtempSync(join(tmpdir(), 'lifeguard-bench-'));
  readonly pm2Home = join(this.dir, 'pm2');
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    // As little as a service manager gives: PM2 keeps a copy of it for every app.
    const inherited = ['PATH', 'HOME', 'USER', 'LANG', 'TMPDIR'].flatMap((key) =>
      process.env[key] ? [[key, process.env[key]]] : [],
    );
    this.env = { ...Object.fromEntries(inherited), PM2_HOME: this.pm2Home, NO_COLOR: '1', PM2_DISCRETE_MODE: 'true' };
    open.add(this);
  }

  /** @returns its path */
  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.dir, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Starts what goes on running; its output is thrown away. */
  launch(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { cwd: this.dir, env: this.env, stdio: 'ignore', detached: true });
    child.on('error', (error) => console.error(error.message));
    return child;
  }

  /** Runs a program to its end. @throws Error with its output when it fails or does not end within `deadlineMs` */
  run(command: string, args: readonly string[], { cwd = this.dir, deadlineMs = 60_000 } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      let output = '';
      const child = spawn(command, args, { cwd, env: this.env, stdio: ['ignore', 'pipe', 'pipe'], timeout: deadlineMs });
      const take = (chunk: Buffer) => {
        output += chunk.toString();
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('error', reject);
      // 'exit', not 'close': a daemon that it left behind may hold the pipes open.
      child.once('exit', (code, signal) => {
        if (code === 0) setImmediate(() => resolve(output));
        else reject(new Error(`${command} ${args.join(' ')}: ${code ?? signal}\n${output}`));
      });
    });
  }

  /** Kills all that was started from here and removes the folder. */
  async close(): Promise<void> {
    for (let round = 0; round < 200 && this.killAll() > 0; round++) await sleep(20);
    open.delete(this);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** @returns how many there were */
  killAll(): number {
    const found = processesOf(this.pm2Home);
    for (const { pid } of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended just now.
      }
    }
    return found.length;
  }
}

process.on('exit', () => {
  for (const room of open) {
    for (let round = 0; round < 50 && room.killAll() > 0; round++)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    rmSync(room.dir, { recursive: true, force: true, maxRetries: 5 });
  }
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
