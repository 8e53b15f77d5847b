import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { circumstances } from '../report/circumstances.ts';
import { writeSection } from '../report/section.ts';
import { markdownTable } from '../report/table.ts';

export const HELP = `Usage: npm run bench -- checks [--write]

What checking 1,000 endpoints each second costs one process: processor time, memory, how late a check starts.
Once with a server that answers at once, once with one that never answers (each check runs into its limit of 1 s).
--write puts the table into docs/benchmarks.md. It measures the built dist/: npm run build comes first.`;

const ENDPOINTS = 1_000;
const SECONDS = 20;
const WATCHER = fileURLToPath(new URL('./watcher.js', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist/src/health/check.js', import.meta.url));

interface Measured {
  readonly checks: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly cpuPercent: number;
  readonly rssMb: number;
  readonly lateP99Ms: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

/** What issue 12 asks for. */
const LIMITS = { cpuPercent: 20, rssMb: 130, lateP99Ms: 250 } as const;

export async function run(args: readonly string[]): Promise<number> {
  if (!existsSync(DIST)) {
    console.error('dist/ is not built: npm run build');
    return 1;
  }
  const answering = await measure('response.end(\'{"status":"healthy","services":{"database":"up","api":"up"}}\')', 5_000);
  const hung = await measure('', 1_000);
  const table = markdownTable(
    [
      '1,000 endpoints, each checked every second',
      'CPU, of one core',
      'RSS',
      'start late, p99',
      'latency p50',
      'latency p99',
      'what came back',
    ],
    [row('a server that answers', answering), row('a server that hangs, limit 1 s', hung)],
  );
  console.log(table);
  if (args.includes('--write')) {
    writeSection('checks', `## Checks\n\n${circumstances('npm run bench -- checks')}\n\n${table}`);
  }
  const over = Object.entries(LIMITS).filter(([key, limit]) => answering[key as keyof typeof LIMITS] > limit);
  for (const [key, limit] of over) console.log(`over the limit: ${key} > ${limit}`);
  return over.length > 0 ? 1 : 0;
}

async function measure(respond: string, deadlineMs: number): Promise<Measured> {
  const code = `const server = require('node:http').createServer((request, response) => { ${respond} });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const server = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const base = `http://127.0.0.1:${Number(await firstOutput(server))}`;
    const args = [WATCHER, base, ENDPOINTS, 1_000, SECONDS, deadlineMs].map(String);
    const watcher = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    return JSON.parse(await firstOutput(watcher)) as Measured;
  } finally {
    server.kill('SIGKILL');
  }
}

async function firstOutput(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return chunk.toString();
}

function row(name: string, { kinds, cpuPercent, rssMb, lateP99Ms, latencyP50Ms, latencyP99Ms }: Measured): string[] {
  const came = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  const ms = [lateP99Ms, latencyP50Ms, latencyP99Ms].map((value) => `${value.toFixed(1)} ms`);
  return [name, `${cpuPercent.toFixed(1)} %`, `${rssMb.toFixed(0)} MB`, ...ms, came.join(', ')];
}
