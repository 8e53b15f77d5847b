import type { Reason, ReasonCode } from '../action.ts';
import type { ExitInfo, PortHolder, WorkerId, WorkerTrouble } from '../event.ts';
import type { Verdict } from '../judging/verdict.ts';
import type { Policy } from '../policy.ts';
import type { BackendState } from '../state.ts';
import { explainExit } from './explain-exit.ts';
import { inWords } from './in-words.ts';

// Every sentence that a person reads of a decision, in one place. They name what was seen and what follows, and no secret.

export function reason(code: ReasonCode, text: string): Reason {
  return { code, text };
}

export function ofVerdict({ kind }: Verdict, { failures, checks }: BackendState, policy: Policy): Reason {
  const { count, text } = failures ?? { count: 0, text: '' };
  if (checks.cameUpAt === null)
    return reason('slow-start', `It did not come up within ${inWords(policy.startupTimeoutMs)}: it ${text}.`);
  const row = `${count} ${count === 1 ? 'check' : 'checks in a row'}`;
  switch (kind) {
    case 'hang':
      return reason(
        'hung',
        `It hangs: ${row} had no answer within ${inWords(policy.timeoutMs)}. It is killed, as a graceful stop would only wait.`,
      );
    case 'silent':
      return reason('hung', `It ${text}: it is ended, gracefully if it still can.`);
    case 'unreachable':
    case 'error':
      return reason('unreachable', `It ${text}: ${row} failed.`);
    case 'not-ready':
      return reason('not-ready', `It ${text}: ${row} failed, and nothing that it depends on is known to be down.`);
  }
}

export function staleAfterDependency({ failures }: BackendState): Reason {
  return reason('stale-after-dependency', `Its dependency is back, and it still ${failures?.text}: its connections are stale.`);
}

export function dependencyDown(names: readonly string[], { failures }: BackendState): Reason {
  const which = names.length === 0 ? 'what it depends on came back just now' : areDown(names);
  return reason('dependency-down', `It ${failures?.text}, and ${which}: a restart can't help, so it is left alone.`);
}

export function heldForDependency(names: readonly string[]): Reason {
  return reason('dependency-down', `It does not stay up, and ${areDown(names)}: it is started when that is back.`);
}

function areDown(names: readonly string[]): string {
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} down`;
}

export function overloaded(policy: Policy): Reason {
  return reason(
    'overload',
    `It is overloaded and asks for patience: it is left alone for at most ${inWords(policy.retryAfterMaxMs)}.`,
  );
}

export function notCured(policy: Policy): Reason {
  return reason(
    'restart-does-not-cure',
    `A restart did not cure its 503: it is left alone, and tried again every ${inWords(policy.backoff.maxMs)}.`,
  );
}

export function triedAgain(policy: Policy): Reason {
  return reason('restart-does-not-cure', `Its 503 lasts: one more try, as every ${inWords(policy.backoff.maxMs)}.`);
}

/** How a process ended; with the third time in a row that its log ends the same way, that. */
export function crashed(exit: ExitInfo, lastError: BackendState['lastError']): Reason {
  const why = explainExit(exit);
  const how = sentence(why.startsWith('it ended') ? `It${why.slice('it'.length)}` : `It ended: ${why}`);
  if (lastError !== null && lastError.times >= 3) {
    return reason(
      'repeated-error',
      `${how} Its log ended the same way ${lastError.times} times in a row, so a restart will not cure it: ${sentence(lastError.line)}`,
    );
  }
  return reason(
    'crashed',
    exit.lastError === null || how.includes(exit.lastError) ? how : `${how} Last line: ${sentence(exit.lastError)}`,
  );
}

/** What a log's line ends with may be a full stop already. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export function waits(why: Reason, delayMs: number): Reason {
  return reason(why.code === 'repeated-error' ? why.code : 'backoff', `${why.text} It is started again in ${inWords(delayMs)}.`);
}

export function limitReached(restarts: number, policy: Policy, why: Reason): Reason {
  const next =
    policy.coolDownMs === null ? 'until someone resets it' : `for ${inWords(policy.coolDownMs)}, then there is one trial`;
  return reason(
    'limit-reached',
    `${why.text} ${restarts} restarts within ${inWords(policy.withinMs)} are the limit: it is stopped ${next}.`,
  );
}

export function trialFailed(policy: Policy, why: Reason): Reason {
  const next = policy.coolDownMs === null ? 'until someone resets it' : `for ${inWords(policy.coolDownMs)}`;
  return reason('trial-failed', `${why.text} The trial failed: it is stopped ${next}.`);
}

export function coolDownOver(policy: Policy): Reason {
  return reason('cool-down-over', `${inWords(policy.coolDownMs ?? 0)} have passed since the limit was reached: one trial.`);
}

export function neverRestarted(why: Reason): Reason {
  return reason('limit-reached', `${why.text} max_restarts is 0, so nothing is done.`);
}

export function notInRestartOn(cause: string, why: Reason): Reason {
  return reason('not-in-restart-on', `${why.text} restart.on does not name '${cause}', so nothing is done.`);
}

export function portTaken({ pid, command }: PortHolder): Reason {
  const who = pid === null ? 'a process of another user' : `pid ${pid} (${command})`;
  return reason('port-taken', `Its port is held by ${who}, which is none of ours: it is started when the port is free.`);
}

export function orphanOnPort({ pid, command }: PortHolder): Reason {
  return reason(
    'orphan',
    `Its port is held by a process of ours that PM2 lost: pid ${pid} (${command}). It is ended, then the backend is started.`,
  );
}

export function portFree(): Reason {
  return reason('port-free', 'Its port is free: it is started.');
}

export function memoryLimit(bytes: number, policy: Policy): Reason {
  const mib = (n: number) => `${Math.round(n / 2 ** 20)} MiB`;
  return reason('memory-limit', `Its processes take ${mib(bytes)}, more than max_memory of ${mib(policy.maxMemoryBytes ?? 0)}.`);
}

export function cpuLimit(percent: number, { percent: most, forMs }: NonNullable<Policy['maxCpu']>): Reason {
  return reason(
    'cpu-limit',
    `Its processes take ${percent} % of a core, and max_cpu of ${most} % or more for ${inWords(forMs)}.`,
  );
}

/** One of several workers, or their parent; `next`: what is done about it. */
export function workerFrozen(
  { worker: { pid }, among, text, isParent }: Extract<WorkerTrouble, { is: 'frozen' }>,
  next: string,
): Reason {
  const who = isParent ? 'Its parent process' : `One of its ${among} workers`;
  return reason('worker-frozen', `${who}, pid ${pid}, ${text}: ${next}.`);
}

export function workerLost({ pid }: WorkerId): Reason {
  return reason('worker-lost', `Its worker pid ${pid} was ended, and no other came in its place: all of it is restarted.`);
}

export function notStarted(): Reason {
  return reason('action-failed', 'It ended, and PM2 did not start it again.');
}

export function startedTooSoon(): Reason {
  return reason('crashed', 'PM2 started it before it could be kept from it: that counts, too.');
}

/** What had to be done before its start failed. */
export function beforeFailed(text: string, again: boolean): Reason {
  return reason('before-failed', again ? text : `${text} It is not started: lifeguard start tries it again.`);
}

export function gaveUpByPm2(): Reason {
  return reason('gave-up-by-pm2', 'PM2 gave up on it (errored).');
}

export function actionFailed(how: string, error: string): Reason {
  return reason('action-failed', `PM2 could not ${how} it (${error}).`);
}

export function stoppedByOperator(): Reason {
  return reason('operator', 'An operator stopped it: what was wrong with it is over.');
}

export function byOperator(text: string): Reason {
  return reason('operator', text);
}

export function misconfigured(text: string): Reason {
  return reason('misconfigured', `How it is cannot be told: ${text}. Never a reason to restart.`);
}

export function checkWarning(text: string): Reason {
  return reason('check-warning', `It answers, but ${text}.`);
}

/** A mistake of lifeguard's own. */
export function ownFault(error: string): Reason {
  return reason('lifeguard-failed', `A decision about it failed (${error}): it is looked at afresh. Please report this.`);
}

export function paused(forMs: number): Reason {
  return reason('paused', `Paused for ${inWords(forMs)}: checked, but not acted upon.`);
}

export function recovered(afterMs: number): Reason {
  return reason('recovered', `It is well again, ${inWords(afterMs)} after the first failure.`);
}

export function sharedCause(text: string): Reason {
  return reason('shared-cause', text);
}
