import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './poll.ts';
import { ROOT } from './sandbox.ts';

/** A TypeScript program of this package as a process of its own, with what it says. */
export class Child {
  output = '';
  readonly process: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;

  constructor(script: string, { cwd, env, uid }: { cwd: string; env: NodeJS.ProcessEnv; uid?: number }) {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(npm_|NODE_TEST|NODE_OPTIONS)/.test(key)),
    );
    const tsx = import.meta.resolve('tsx');
    this.process = spawn(process.execPath, ['--import', tsx, join(ROOT, script)], {
      cwd,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    // A test that fails half-way leaves nothing running.
    process.once('exit', () => this.process.kill('SIGTERM'));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`not started: ${this.output}`);
    return this.process.pid;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** @throws Error with all that it said, when it ends before or takes too long. */
  async says(what: string | RegExp): Promise<void> {
    const said = () => new RegExp(what).test(this.output);
    await until(`${what} in its output, or its end`, () => said() || !this.running, { deadlineMs: 60_000 }).catch(
      () => undefined,
    );
    if (!said()) throw new Error(`${this.running ? 'it has not said' : 'it has ended without'} ${what}: ${this.output}`);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Ends it in order, and by force when it does not. */
  async end(): Promise<void> {
    if (!this.running) return;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(timer);
  }
}
