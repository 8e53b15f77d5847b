import type { OpenFiles, Writer } from '../host.ts';
import { pidExists } from '../processes/is-alive.ts';
import { askProgram } from './ask-program.ts';

/** One open file of one process, by the letters of lsof's `-F`. */
type Field = ReadonlyMap<string, string>;

/** See Host.openFilesOf. */
export async function openFilesOf(pids: readonly number[]): Promise<Map<number, OpenFiles>> {
  const open = pids.length === 0 ? null : await fieldsOf(['-p', pids.join(',')], 'ftDi');
  return new Map(pids.map((pid) => [pid, open?.get(pid) ? filesIn(open.get(pid) ?? []) : pidExists(pid) ? null : new Set()]));
}

/** null: lsof lists the process, and says that its descriptors are not to be seen. */
function filesIn(fields: readonly Field[]): OpenFiles {
  if (fields.some((field) => field.get('f') === 'NOFD')) return null;
  const regular = fields.filter((field) => field.get('t') === 'REG' && field.has('D') && field.has('i'));
  return new Set(regular.map((field) => `${BigInt(field.get('D') ?? 0)}:${field.get('i')}`));
}

/** See Host.descriptorsOf: those with a number; lsof also lists the working folder and what is mapped. */
export async function descriptorsOf(pids: readonly number[]): Promise<number | null> {
  const open = await fieldsOf(['-p', pids.join(',')], 'f');
  if (open === null || pids.some((pid) => !open.has(pid))) return null;
  const all = [...open.values()].flat().map((field) => field.get('f') ?? '');
  return all.includes('NOFD') ? null : all.filter((descriptor) => /^\d/.test(descriptor)).length;
}

/** See Host.writersOf. */
export async function writersOf(path: string, platform: NodeJS.Platform): Promise<Writer[] | null> {
  const open = await fieldsOf(['+fg', '--', path], 'faG');
  if (open === null) return null;
  return [...open].flatMap(([pid, fields]) => {
    const writing = fields.filter((field) => /[uw]/.test(field.get('a') ?? ''));
    return writing.length === 0 || pid === process.pid ? [] : [{ pid, appends: writing.every((f) => appends(f, platform)) }];
  });
}

/** O_APPEND in the flags that lsof shows as numbers, `0x8401;0x0`, or as letters, `W,AP`. */
function appends(field: Field, platform: NodeJS.Platform): boolean {
  const flags = field.get('G')?.split(';')[0] ?? '';
  return flags.startsWith('0x') ? (Number(flags) & (platform === 'linux' ? 0x400 : 0x8)) !== 0 : /\bAP\b/.test(flags);
}

/** The processes that listen on TCP, with the ports of each. `port`: on this one alone. */
export async function listenersBy(which: { port: number } | { pids: readonly number[] }): Promise<Map<number, number[]> | null> {
  const selection = 'port' in which ? [`-iTCP:${which.port}`] : ['-a', '-p', which.pids.join(','), '-iTCP'];
  const open = await fieldsOf([...selection, '-sTCP:LISTEN'], 'fn');
  if (open === null) return null;
  const portOf = (field: Field) => Number(/:(\d+)$/.exec(field.get('n') ?? '')?.[1] ?? Number.NaN);
  return new Map([...open].map(([pid, fields]) => [pid, fields.map(portOf).filter(Number.isInteger)]));
}

/** `-nPw`: no names of hosts and ports, which take seconds to be found, and no warnings. */
async function fieldsOf(selection: readonly string[], letters: string): Promise<Map<number, Field[]> | null> {
  const output = await askProgram('lsof', ['-nPw', `-Fp${letters}`, ...selection]);
  return output === null ? null : parseFields(output);
}

/** What `lsof -F` prints: a line a field, its letter first; `p` begins a process, `f` one of its files. */
function parseFields(output: string): Map<number, Field[]> {
  const byPid = new Map<number, Map<string, string>[]>();
  let files: Map<string, string>[] = [];
  for (const line of output.split('\n').filter(Boolean)) {
    const [letter, value] = [line.slice(0, 1), line.slice(1)];
    if (letter === 'p') {
      files = [];
      byPid.set(Number(value), files);
    }
    if (letter === 'f') files.push(new Map());
    files.at(-1)?.set(letter, value);
  }
  return byPid;
}
