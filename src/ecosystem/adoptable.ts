import { basename, resolve } from 'node:path';
import type { ResolvedBackend } from '../config/resolved.ts';
import { MARKER } from '../host/orphans/marker.ts';
import { inheritable } from '../pm2/daemon/environment.ts';
import { isSameFile } from '../pm2/ownership/logical-path.ts';
import type { AppDeclaration, Pm2Process } from '../pm2/types.ts';
import { variablesIn } from './env-file.ts';
import type { Machine } from './machine.ts';
import { pythonOf } from './python.ts';
import { interpreterOf, isNodeScript } from './run-line.ts';

/** What a backend would run with if it were started now. */
export interface Meant {
  readonly backend: ResolvedBackend;
  readonly app: AppDeclaration;
  readonly machine: Machine;
  /** The user's own variables, which all apps inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Those of them that the configuration names for this backend. */
  readonly named: Readonly<Record<string, string>>;
}

/** Set by us beside what is declared: a program that runs without them is not another one. */
const OURS = [MARKER, 'PORT', 'PYTHONUNBUFFERED'];

/**
 * What a restart with our declaration would change of an app that runs already, such as `command` or `env.COLOUR`; none: it may be
 * taken over as it runs. How it is restarted and where it logs is not looked at: that can wait for its next restart.
 */
export function restartWouldChange(meant: Meant, processes: readonly Pm2Process[]): string[] {
  const { backend, app, machine } = meant;
  const [first] = processes;
  if (!first) return [];
  const cwd = String(first.env.pm_cwd);
  const isCommand = isSameCommand(executedBy(backend, machine), executedIn(first, cwd, machine), cwd);
  const isNumber = first.execMode === (app.exec_mode ?? 'fork') && processes.length === (app.instances ?? 1);
  return [
    ...(isCommand ? [] : ['command']),
    ...(isSameFile(cwd, app.cwd) ? [] : ['cwd']),
    ...(isNumber ? [] : ['instances']),
    ...environmentChanges(meant, (first.env.env ?? {}) as Record<string, unknown>),
  ];
}

function environmentChanges({ backend, app, inherited, named }: Meant, running: Readonly<Record<string, unknown>>): string[] {
  const ofFile = variablesIn(backend.run.envFile);
  const declared = { ...ofFile, ...named, ...app.env };
  const mayBeAbsent = (name: string) => OURS.includes(name) || name in ofFile; // a program may read its .env by itself
  const changed = Object.entries(declared).filter(
    ([name, value]) => running[name] !== value && !(running[name] === undefined && mayBeAbsent(name)),
  );
  const texts = Object.entries(running).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const undeclared = Object.keys(inheritable(Object.fromEntries(texts))).filter(
    (name) => !(name in declared) && !(name in inherited) && !isPm2sOwn(name, running[name], app.name),
  );
  return [...changed, ...undeclared.map((name) => [name])].map(([name]) => `env.${name}`);
}

/** PM2 leaves a variable in each app's environment that is called as the app is. */
function isPm2sOwn(name: string, value: unknown, app: string): boolean {
  return name === app && value === '{}';
}

/** Program and arguments, with one word for Node whatever it is called. */
type Command = readonly string[];

function executedBy({ run }: ResolvedBackend, machine: Machine): Command {
  const { program, cwd } = run;
  if (program.kind === 'command') return asExecuted([machine.locate(program.program, cwd) ?? program.program, ...program.args]);
  if (isNodeScript(program)) return [program.interpreter === 'tsx' ? 'tsx' : 'node', program.script, ...program.args];
  const interpreter = interpreterOf(program.script, program.interpreter, cwd, machine);
  return asExecuted([...(interpreter === null ? [] : [interpreter]), program.script, ...program.args]);
}

function executedIn({ env }: Pm2Process, cwd: string, machine: Machine): Command {
  const interpreter = String(env.exec_interpreter);
  const script = String(env.pm_exec_path);
  const args = listOf(env.args);
  if (interpreter === 'none') return asExecuted([script, ...args]);
  const flags = listOf(env.node_args);
  if (/^node(js)?$/.test(basename(interpreter))) return ['node', ...flags, script, ...args];
  return asExecuted([machine.locate(interpreter, cwd) ?? interpreter, ...flags, script, ...args]);
}

/** A Python program is its interpreter with the program as the first argument. */
function asExecuted(command: Command): Command {
  const [program = ''] = command;
  const python = pythonOf(program);
  return python === null || python === program ? command : [python, ...command];
}

function isSameCommand(one: Command, other: Command, cwd: string): boolean {
  const isSame = (a: string, b: string) => a === b || resolve(cwd, a) === resolve(cwd, b);
  return (
    one.length === other.length &&
    one.every((word, at) => isSame(word, other[at] ?? '') || (at === 0 && isSameFile(word, other[0] ?? '')))
  );
}

function listOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/\s+/).filter(Boolean);
  return Array.isArray(value) ? value.map(String) : [];
}
