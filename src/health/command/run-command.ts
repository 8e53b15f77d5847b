import { ChildProcess, spawn } from 'node:child_process';
import type { CommandCheck } from '../../config/resolved.ts';
import type { Host } from '../../host/host.ts';
import { killTree } from '../../host/processes/kill-tree.ts';
import type { Answer } from '../../policy/observation.ts';
import { formatDuration } from '../../units/duration.ts';
import { redactUrls } from '../../units/redact-urls.ts';
import { startDeadline } from '../deadline.ts';
import type { Run } from '../paced.ts';
import { environmentFor } from './environment.ts';
import { Tail } from './tail.ts';

/** What it wrote last may still be on its way when a command has ended. */
const DRAIN_MS = 100;
const MAX_LINE = 160;
/** As a shell has it: found, but not to be executed; not found. */
const NOT_RUN = new Set([126, 127]);
/** Failures to start a process that are ours: no descriptor, no memory, no process to be had. */
const OWN_ERRORS = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/** How a command came to its end, or what it is still at. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
  /** Not within its time: its tree is being killed. `late`: most of that time our own event loop was held up. */
  | { readonly kind: 'too-long'; readonly late: boolean }
  | { readonly kind: 'not-started'; readonly error: NodeJS.ErrnoException };

export interface CommandRun {
  /** null: it could not be started. */
  readonly pid: number | null;
  /** As soon as it is known. Never rejects. */
  readonly ending: Promise<Ending>;
  /** Nothing is left of it. Never rejects. */
  readonly over: Promise<void>;
  /** The last of what it printed so far. */
  readonly output: { readonly text: string };
  /** Ends it at once. */
  cancel(): void;
}

/** Runs a check's command once, see {@link startCommand}. */
export function runCommand(check: CommandCheck, host: Host): Run {
  const startedAt = performance.now();
  const { ending, over, output, cancel } = startCommand(check, host);
  return { answer: ending.then((how) => judge(how, check, performance.now() - startedAt, output.text)), over, cancel };
}

/**
 * Runs a command once, without a shell, as the leader of a session of its own. At the deadline its whole tree is killed; when it
 * ends by itself, what it left in its process group is.
 */
export function startCommand(command: Omit<CommandCheck, 'kind' | 'everyMs'>, host: Host): CommandRun {
  const output = new Tail();
  const child = start(command);
  if (!(child instanceof ChildProcess))
    return { pid: null, ending: Promise.resolve(child), over: Promise.resolve(), output, cancel: () => {} };
  for (const stream of [child.stdout, child.stderr]) if (stream) output.read(stream);
  const ended = endingOf(child);
  let cancelDeadline = () => {};
  const deadline = new Promise<Ending>((resolve) => {
    cancelDeadline = startDeadline(command.timeoutMs, (late) => {
      void killTree(host, child.pid ?? 0, 'SIGKILL').catch(() => killGroup(child));
      resolve({ kind: 'too-long', late });
    });
  });
  void ended.then(() => cancelDeadline());
  return {
    pid: child.pid ?? null,
    ending: Promise.race([ended, deadline]),
    over: ended.then(() => {}),
    output,
    cancel: () => killGroup(child),
  };
}

/** The process, or why there is none. */
function start(command: Omit<CommandCheck, 'kind' | 'everyMs'>): ChildProcess | Ending {
  try {
    const { program, args, cwd } = command;
    return spawn(program, args, { cwd, env: environmentFor(command), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return { kind: 'not-started', error: error as NodeJS.ErrnoException };
  }
}

/** When it has ended, and what it printed has arrived. */
function endingOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', error }));
    child.once('exit', (code, signal) => {
      killGroup(child);
      const done = () => {
        clearTimeout(timer);
        for (const stream of [child.stdout, child.stderr]) stream?.destroy();
        resolve({ kind: 'exit', code, signal });
      };
      const timer = setTimeout(done, DRAIN_MS);
      child.once('close', done);
    });
  });
}

/** Those that it left behind in its process group, of which it was the leader. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}

function judge(how: Ending, check: CommandCheck, latencyMs: number, evidence: string): Answer {
  if (how.kind === 'not-started') return notStarted(how.error, check);
  if (how.kind === 'too-long') return tooLong(check, evidence, how.late);
  const { code, signal } = how;
  if (code === 0) return { kind: 'well', latencyMs, detail: 'its check command ended with 0' };
  if (code !== null && NOT_RUN.has(code))
    return { kind: 'misdirected', detail: `is a command that cannot be run: exit status ${code}${lastLine(evidence)}` };
  return {
    kind: 'sick',
    latencyMs,
    detail: `fails its check command: ${signal ?? `exit status ${code}`}${lastLine(evidence)}`,
    evidence,
  };
}

function tooLong({ timeoutMs }: CommandCheck, evidence: string, late: boolean): Answer {
  const within = `did not end within ${formatDuration(timeoutMs)}`;
  if (late)
    return {
      kind: 'void',
      why: 'late-event-loop',
      detail: `its check command ${within}, most of which our own event loop was held up`,
    };
  return { kind: 'sick', latencyMs: timeoutMs, detail: `has a check command that ${within}`, evidence };
}

function notStarted(error: NodeJS.ErrnoException, check: CommandCheck): Answer {
  const { code = 'UNKNOWN', message } = error;
  if (OWN_ERRORS.has(code)) return { kind: 'void', why: 'own-error', detail: `${code}: ${message}` };
  return { kind: 'misdirected', detail: `is a command that cannot be run: ${whyNotStarted(error, check)}` };
}

/** Why a command could not be started at all. */
export function whyNotStarted(
  { code, message, syscall }: NodeJS.ErrnoException,
  { program, cwd }: Pick<CommandCheck, 'program' | 'cwd'>,
): string {
  const isThere = code !== 'ENOENT' || syscall === 'open';
  return isThere ? message : `there is no program ${program}, or no folder ${cwd}`;
}

/** The last line that it printed, after a colon. */
export function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `: ${redactUrls(line).slice(0, MAX_LINE)}`;
}
