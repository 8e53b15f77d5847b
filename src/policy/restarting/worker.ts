import { answering } from '../children.ts';
import type { WorkerTrouble } from '../event.ts';
import type { BackendState } from '../state.ts';
import { fail } from '../telling/incident.ts';
import { workerFrozen, workerLost } from '../telling/reasons.ts';
import { act, change, journal, judged, type Turn } from '../turn.ts';
import { isSpent, spend } from './budget.ts';
import { begin, targetOf } from './operation.ts';
import { isAllowed, wantRestart } from './restart.ts';

/**
 * One of several workers does not go on while the others answer every check: it alone is ended, which counts as a restart does, and started
 * again by PM2 if it was PM2 that started it; where its parent makes no other, or is itself what does not go on, all of it is restarted. A
 * backend that is restarted anyway, or paused, is told of again if it lasts.
 */
export function recordWorker(turn: Turn, trouble: WorkerTrouble): Turn {
  if (!mindsWorkers(turn.state)) return turn;
  return trouble.is === 'frozen' ? endFrozen(turn, trouble) : restartAll(turn, trouble);
}

/** Whether anything would come of telling about a worker. */
export function mindsWorkers(state: BackendState): boolean {
  const { judgement, operation, pause } = state;
  const isBusy = judgement.name === 'starting' || judgement.name === 'unhealthy' || judgement.name === 'suspect';
  return !isBusy && pause === null && operation === null && answering(state).length > 0;
}

function endFrozen(turn: Turn, trouble: Extract<WorkerTrouble, { is: 'frozen' }>): Turn {
  const { state, policy, now } = turn;
  const { worker, since, pmId, isParent } = trouble;
  const say = (next: string) => workerFrozen(trouble, next);
  if (!isAllowed('hang', policy))
    return journal(turn, 'warn', 'hang', say("restart.on does not name 'hang', so nothing is done"));
  if (isSpent(state, policy, now)) return journal(turn, 'warn', 'hang', say('the restarts are used up, so nothing is done'));
  // Gracefully: what its workers have in hand is finished.
  if (isParent)
    return wantRestart(turn, { cause: 'hang', reason: say('all of it is restarted'), failedAt: since, lasting: true });
  const reason = say(pmId === null ? 'it is ended' : 'it is restarted');
  const failed = fail(turn, 'hang', since, reason);
  const counted = change(failed, { budget: spend(state.budget, 'hang', policy, now) });
  const again = 'wellSince' in state.judgement ? judged(counted, { ...state.judgement, wellSince: now }) : counted;
  const child = state.children.find((one) => one.pmId === pmId);
  if (child !== undefined) return begin(again, { kind: 'kill', cause: 'hang', reason, targets: [targetOf(child)], line: 'hang' });
  return act(journal(again, 'restart', 'hang', reason), { type: 'end-worker', worker, reason });
}

function restartAll(turn: Turn, { worker }: Extract<WorkerTrouble, { is: 'not-replaced' }>): Turn {
  return wantRestart(turn, { cause: 'hang', reason: workerLost(worker), failedAt: turn.now, lasting: true });
}
