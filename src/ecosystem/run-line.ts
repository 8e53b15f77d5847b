import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ResolvedBackend } from '../config/resolved.ts';
import { JOB_LAUNCHER, LAUNCHER, recordFile } from '../pm2/gate/gate-file.ts';
import type { AppDeclaration } from '../pm2/types.ts';
import type { Machine } from './machine.ts';
import { binFile } from './package-root.ts';

const SH = '/bin/sh';

/** The part of a declaration that says what is executed. */
export type RunLine = Required<Pick<AppDeclaration, 'script' | 'interpreter' | 'node_args' | 'args'>>;

/** Interpreters by extension, as PM2 has them (lib/API/interpreter.json), without those for Node. */
const INTERPRETERS: Readonly<Record<string, readonly string[]>> = {
  '.py': ['python3', 'python'],
  '.sh': ['bash'],
  '.rb': ['ruby'],
  '.php': ['php'],
  '.pl': ['perl'],
};

/**
 * A program runs as itself, a Node script through PM2's own container (so that PM2 knows its script and its version of Node), any
 * other script as an argument of its interpreter. No shell anywhere. A program that is not to be found keeps its bare name:
 * `problemsOf` says so before anything starts.
 */
export function runLineOf({ run, instances }: ResolvedBackend, machine: Machine): RunLine {
  const { program, cwd, envFile } = run;
  if (program.kind === 'command') return plain(machine.locate(program.program, cwd) ?? program.program, program.args, envFile);
  if (isNodeScript(run.program)) {
    const named = program.interpreter === 'tsx' ? null : program.interpreter;
    return {
      script: program.script,
      interpreter: named === null || named === 'node' ? (named ?? machine.node) : (machine.locate(named, cwd) ?? named),
      node_args: [...envFileArgs(envFile, instances), ...typescriptArgs(program.script, program.interpreter, instances, machine)],
      args: [...program.args],
    };
  }
  const interpreter = interpreterOf(program.script, program.interpreter, cwd, machine);
  return interpreter === null
    ? plain(program.script, program.args, envFile)
    : plain(interpreter, [program.script, ...program.args], envFile);
}

/** By its extension, or because Node (or tsx, which is Node) is named as its interpreter. */
export function isNodeScript(program: ResolvedBackend['run']['program']): boolean {
  if (program.kind === 'command') return false;
  if (program.interpreter !== null) return /^(node|tsx)$/.test(basename(program.interpreter));
  return /\.[cm]?[jt]s$/.test(program.script);
}

/** null: the script is a program by itself. */
export function interpreterOf(script: string, named: string | null, cwd: string, machine: Machine): string | null {
  if (named !== null) return named === 'none' ? null : (machine.locate(named, cwd) ?? named);
  const names = INTERPRETERS[extname(script)];
  if (!names) return null;
  return names.map((name) => machine.locate(name, cwd)).find((file) => file !== null) ?? names[0] ?? null;
}

/** The same, started by a launcher that waits until its gate is open and then becomes it: 1 MB, gone afterwards. */
export function behindGate({ script, interpreter, node_args, args }: RunLine, gate: string, once: boolean): RunLine {
  const program = interpreter === 'none' ? [script, ...args] : [interpreter, ...node_args, script, ...args];
  const line = once ? [SH, binFile(JOB_LAUNCHER), recordFile(gate), ...program] : program;
  return { script: SH, interpreter: 'none', node_args: [], args: [binFile(LAUNCHER), gate, ...line] };
}

/** Without PM2's container; with an env_file by way of a small program that reads it and then becomes the app where Node can. */
function plain(program: string, args: readonly string[], envFile: string | null): RunLine {
  if (envFile === null) return { script: program, interpreter: 'none', node_args: [], args: [...args] };
  const wrapped = [binFile('with-env.js'), envFile, program, ...args];
  return { script: process.execPath, interpreter: 'none', node_args: [], args: wrapped };
}

/** Node's own option leaves a variable as it is that is set already: workers of a cluster have those of PM2's daemon. */
function envFileArgs(envFile: string | null, instances: number): string[] {
  if (envFile === null) return [];
  if (instances === 1) return [`--env-file=${envFile}`];
  return ['--import', `${pathToFileURL(binFile('env-file.js'))}?${encodeURIComponent(envFile)}`];
}

/** Its TypeScript is run by the package tsx, not by Node itself. */
export function runsThroughTsx({ run: { program }, instances }: ResolvedBackend, machine: Machine): boolean {
  return (
    program.kind === 'script' &&
    isNodeScript(program) &&
    typescriptArgs(program.script, program.interpreter, instances, machine).length > 0
  );
}

/** Workers of a cluster run on the daemon's Node, which may be another one: tsx does for all. */
function typescriptArgs(script: string, interpreter: string | null, instances: number, machine: Machine): string[] {
  const isTypeScript = /\.[cm]?ts$/.test(script) || interpreter === 'tsx';
  if (!isTypeScript || (machine.stripsTypes && interpreter === null && instances === 1)) return [];
  return ['--import', binFile('typescript.js')];
}
