import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { until } from './poll.ts';
import { Sandbox } from './sandbox.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A fresh clone with a PM2 of its own, driven as its README says. */
export class Clone {
  readonly sandbox: Sandbox;
  readonly dir: string;

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.sandbox = new Sandbox(env);
    this.dir = checkout(join(this.sandbox.dir, 'clone'));
  }

  /** The clone's own pm2, from the clone's folder. @throws Error with its output when it does not end in 0. */
  async pm2(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.sandbox.run(process.execPath, [join(this.dir, 'bin/pm2.js'), ...args], {
      cwd: this.dir,
    });
    if (code !== 0) throw new Error(`pm2 ${args.join(' ')} ended in ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** The pids of an app's live processes, as PM2 has them. */
  async pids(name: string): Promise<number[]> {
    const listed = await this.sandbox.list();
    return listed.flatMap((app) => (app.name === name && app.pm2_env.status === 'online' && app.pid > 0 ? [app.pid] : []));
  }

  async pid(name: string): Promise<number> {
    return await until(`${name} online`, async () => (await this.pids(name))[0] ?? null);
  }

  dispose(): Promise<void> {
    return this.sandbox.dispose();
  }
}

/** One request, on a connection of its own unless an agent is given. null: no answer. */
export function ask(
  url: string,
  options: { timeoutMs?: number; method?: string; body?: string; headers?: Record<string, string> } = {},
) {
  const { timeoutMs = 2_000, method = 'GET', body, headers = {} } = options;
  return new Promise<Reply | null>((resolve) => {
    const sent = request(url, { agent: false, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.once('error', () => resolve(null));
    });
    const timer = setTimeout(() => sent.destroy(), timeoutMs);
    sent.once('error', () => resolve(null));
    sent.once('close', () => {
      clearTimeout(timer);
      resolve(null);
    });
    sent.end(body);
  });
}

export async function answers(url: string, status = 200, deadlineMs = 20_000): Promise<Reply> {
  return await until(
    `${status} from ${url}`,
    async () => {
      const reply = await ask(url);
      return reply?.status === status && reply;
    },
    { deadlineMs },
  );
}

/** Every process below one, itself first. */
export function treeOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [
      pid,
      ...children
        .split(' ')
        .filter(Boolean)
        .flatMap((child) => treeOf(Number(child))),
    ];
  } catch {
    return [];
  }
}

/** Does it run still? A zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0] !== 'Z';
  } catch {
    return false;
  }
}
