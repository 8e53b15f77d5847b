import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { linuxHost } from '../../src/host/linux/linux-host.ts';
import { killTree } from '../../src/host/processes/kill-tree.ts';

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The first line that it wrote to stdout. */
  readonly firstLine: string;
}

/** Starts a program as PM2 does, as the leader of its own session, waits for its first line, and kills its whole tree when the test ends. */
export async function startProgram(
  t: TestContext,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Program> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true, env: { ...process.env, ...env } });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  t.after(() => killTree(linuxHost(), pid, 'SIGKILL'));
  const ended = once(child.stdout, 'close').then(() => Promise.reject(new Error(`${command} ended without a line`)));
  const [chunk] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer];
  return { pid, child, firstLine: chunk.toString().split('\n')[0] ?? '' };
}

/** Node runs `code`; it has to print one line when it is ready. */
export function startNode(t: TestContext, code: string, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  return startProgram(t, process.execPath, ['-e', code], env);
}

/** A program that listens on a free port of `host`, and that port. */
export async function startListener(
  t: TestContext,
  { host = '127.0.0.1', env = {}, also = '' }: { host?: string; env?: NodeJS.ProcessEnv; also?: string } = {},
): Promise<Program & { port: number }> {
  const code = `const server = require('node:net').createServer();
    server.listen(0, ${JSON.stringify(host)}, () => console.log(server.address().port)); ${also}`;
  const program = await startNode(t, code, env);
  return { ...program, port: Number(program.firstLine) };
}
