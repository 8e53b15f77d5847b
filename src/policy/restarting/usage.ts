import type { Reason } from '../action.ts';
import { answering } from '../children.ts';
import type { Cause } from '../policy.ts';
import { judged, type Turn } from '../turn.ts';
import { wantRestart } from './restart.ts';

/** What its processes take of something that has a limit. */
interface Usage {
  readonly cause: Extract<Cause, 'memory' | 'cpu'>;
  /** `below` ends what it called for; between the two nothing changes. */
  readonly is: 'over' | 'between' | 'below';
  readonly reason: Reason;
}

/** More than the limit: a graceful restart, counted like any other, unless one is due already or it is just starting. */
export function recordUsage(turn: Turn, { cause, is, reason }: Usage): Turn {
  const { state, now } = turn;
  const { judgement } = state;
  // It takes less again before the restart is due: what its checks say is what counts.
  if (is === 'below' && judgement.name === 'unhealthy' && judgement.due?.cause === cause)
    return judged(turn, { name: 'suspect', wellSince: null });
  if (is !== 'over' || state.pause !== null || state.operation !== null) return turn;
  if (answering(state).length === 0 || judgement.name === 'starting') return turn;
  if (judgement.name === 'unhealthy' && (judgement.due !== null || judgement.hold !== null)) return turn;
  return wantRestart(turn, { cause, reason, failedAt: now, lasting: true });
}
