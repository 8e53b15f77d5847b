import { HostError } from '../host-error.ts';
import type { ProcessTable } from '../processes/process-row.ts';
import { askProgram } from './ask-program.ts';

const COLUMNS = 'pid=,ppid=,pgid=,state=,time=,lstart=';

/** See Host.processes. */
export function allProcesses(): Promise<ProcessTable> {
  return listed(['-A', '-o', COLUMNS]);
}

/** See Host.rowsOf. */
export async function rowsOf(pids: readonly number[]): Promise<ProcessTable> {
  const asked = pids.filter((pid) => pid > 0);
  return asked.length === 0 ? new Map() : listed(['-o', COLUMNS, '-p', asked.join(',')]);
}

async function listed(args: readonly string[]): Promise<ProcessTable> {
  const output = await askProgram('ps', args);
  if (output === null) throw new HostError('ps cannot list the processes', { hint: 'Is `ps` installed (Debian: procps)?' });
  return parsePs(output);
}

/** What `ps -o pid=,ppid=,pgid=,state=,time=,lstart=` prints. ps has no portable column for the session, so the process group stands in. */
export function parsePs(output: string): ProcessTable {
  const rows = output.split('\n').flatMap((line) => {
    const [pid, ppid, group, state = '', time = '', ...started] = line.trim().split(/\s+/);
    const startTime = Date.parse(started.join(' '));
    if (pid === undefined || Number.isNaN(startTime)) return [];
    const row = { pid: Number(pid), ppid: Number(ppid), session: Number(group), state: state.slice(0, 1), startTime };
    return [{ ...row, threads: 1, cpuMs: clockMs(time) }];
  });
  return new Map(rows.map((row) => [row.pid, row]));
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function clockMs(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((seconds + Number(days) * 86_400) * 1000);
}

/** See Host.residentBytesOf. */
export async function residentBytesOf(pids: readonly number[]): Promise<Map<number, number> | null> {
  if (pids.length === 0) return new Map();
  const output = await askProgram('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')]);
  const rows = output?.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return rows ? new Map(rows.flatMap(([pid, kilobytes]) => (pid && kilobytes ? [[pid, kilobytes * 1024]] : []))) : null;
}

/** See Host.argumentsOf: as words, as ps does not tell where an argument with spaces ends. */
export async function argumentsOf(pid: number): Promise<string[] | null> {
  return (await argumentLineOf(pid))?.split(/\s+/) ?? null;
}

/** See Host.environmentOf. */
export async function environmentOf(pid: number): Promise<ReadonlyMap<string, string> | null> {
  return (await environmentsOf([pid])).get(pid) ?? null;
}

/** See Host.environmentsOf. `ps e` shows them behind the arguments; of another user's process it shows the arguments alone. */
export async function environmentsOf(pids: readonly number[]): Promise<ReadonlyMap<number, ReadonlyMap<string, string>>> {
  if (pids.length === 0) return new Map();
  const lines = async (how: string) => argumentLines(await askProgram('ps', [how, '-o', 'pid=,args=', '-p', pids.join(',')]));
  const [plain, whole] = await Promise.all([lines('ww'), lines('eww')]);
  return new Map(
    [...whole].flatMap(([pid, line]) => {
      const args = plain.get(pid);
      return args && line.startsWith(`${args} `) ? [[pid, parseEnvironment(line.slice(args.length + 1))] as const] : [];
    }),
  );
}

function argumentLines(output: string | null): Map<number, string> {
  const rows = (output ?? '').split('\n').flatMap((line) => {
    const [, pid, args] = /^\s*(\d+)\s(.*)$/.exec(line) ?? [];
    return pid === undefined || args === undefined ? [] : [[Number(pid), args.trim()] as const];
  });
  return new Map(rows);
}

/**
 * `A=1 B=two words C=3`. A value may itself look as if another variable began in it; so one that is there twice, with two values, is
 * left out.
 */
export function parseEnvironment(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const unsure = new Set<string>();
  for (const [, name = '', value = ''] of text.matchAll(/(?:^|\s)([A-Za-z_]\w*)=(.*?)(?=\s[A-Za-z_]\w*=|\s*$)/gs)) {
    if (found.has(name) && found.get(name) !== value) unsure.add(name);
    found.set(name, value);
  }
  for (const name of unsure) found.delete(name);
  return found;
}

async function argumentLineOf(pid: number): Promise<string | null> {
  return (await askProgram('ps', ['ww', '-o', 'args=', '-p', String(pid)]))?.trim() || null;
}
