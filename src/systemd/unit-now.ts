import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ExitInfo } from '../policy/event.ts';

const run = promisify(execFile);

const KEYS = [
  ...['ActiveState', 'SubState', 'Result', 'Job', 'NRestarts'],
  ...['MainPID', 'ExecMainStartTimestampMonotonic', 'ExecMainCode', 'ExecMainStatus'],
];

/** systemd's answer may wait behind its own work. */
const ANSWER_WITHIN_MS = 10_000;

/** What systemd says of the unit of one backend. */
export interface UnitNow {
  /** Of the backend: the unit's, without `.service`. */
  readonly name: string;
  /** `resting`: it ended, and systemd will start it again. `gave-up`: at its limit of starts. */
  readonly is: 'up' | 'stopping' | 'resting' | 'stopped' | 'gave-up';
  /** 0: none runs. */
  readonly pid: number;
  /** Wall clock, ms: when this or the last main process was started; the same for one and the same. 0: there was none. */
  readonly startedAt: number;
  /** How often systemd itself has started it again since somebody last did. */
  readonly restarts: number;
  /** How the last one ended, while none runs. */
  readonly exit: ExitInfo | null;
}

/** systemd's monotonic clock, that of hrtime, as wall clock; taken once, so that a step of the clock makes no new process of an old one. */
const MONOTONIC_ZERO_MS = Date.now() - Number(process.hrtime.bigint() / 1_000_000n);

/** Asks systemd. @throws Error when it does not answer */
export async function readUnit(name: string): Promise<UnitNow> {
  const line = ['show', `--property=${KEYS.join(',')}`, `${name}.service`];
  const { stdout } = await run('systemctl', line, { encoding: 'utf8', timeout: ANSWER_WITHIN_MS });
  return unitFrom(name, stdout);
}

/** @param block `KEY=VALUE` lines of `systemctl show` */
export function unitFrom(name: string, block: string): UnitNow {
  const found = new Map(block.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
  const text = (key: string) => found.get(key) ?? '';
  const number = (key: string) => Number(text(key)) || 0;
  const pid = number('MainPID');
  const startedUs = number('ExecMainStartTimestampMonotonic');
  return {
    name,
    is: stateFrom(text, pid),
    pid,
    startedAt: startedUs === 0 ? 0 : MONOTONIC_ZERO_MS + Math.floor(startedUs / 1_000),
    restarts: number('NRestarts'),
    exit: pid > 0 ? null : exitFrom(text('Result'), number('ExecMainCode'), number('ExecMainStatus')),
  };
}

function stateFrom(text: (key: string) => string, pid: number): UnitNow['is'] {
  switch (text('ActiveState')) {
    case 'active':
    case 'reloading':
      return pid > 0 ? 'up' : 'resting';
    case 'activating':
      return text('SubState') === 'auto-restart' || pid === 0 ? 'resting' : 'up';
    case 'deactivating':
      // Without a job nobody asked for it: the rest of a crashed one is being cleared away.
      return text('Job') === '' || text('Job') === '0' ? 'resting' : 'stopping';
    case 'failed':
      // One that was stopped and did not end as it should have has failed too.
      return text('Result') === 'start-limit-hit' ? 'gave-up' : 'stopped';
    default:
      return 'stopped';
  }
}

/** CLD_EXITED; the others are deaths by a signal. */
const EXITED = 1;

const SIGNALS: Readonly<Record<number, string>> = { 2: 'SIGINT', 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

function exitFrom(result: string, code: number, status: number): ExitInfo {
  const ended = code === EXITED ? { code: status, signal: null } : { code: null, signal: SIGNALS[status] ?? null };
  return { ...ended, oom: result === 'oom-kill', lastError: null };
}
