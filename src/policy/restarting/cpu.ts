import { answering } from '../children.ts';
import type { Event } from '../event.ts';
import { cpuLimit } from '../telling/reasons.ts';
import { judged, type Turn } from '../turn.ts';
import { wantRestart } from './restart.ts';

/** Its processes take more of the processor than `max_cpu` for as long as that says: a graceful restart, counted like any other. */
export function recordCpu(turn: Turn, { percent, highForMs }: Extract<Event, { type: 'cpu' }>): Turn {
  const { state, policy, now } = turn;
  const { judgement } = state;
  if (policy.maxCpu === null) return turn;
  const isHigh = highForMs >= policy.maxCpu.forMs;
  // It takes less again before the restart is due: what its checks say is what counts.
  if (highForMs === 0 && judgement.name === 'unhealthy' && judgement.due?.cause === 'cpu')
    return judged(turn, { name: 'suspect', wellSince: null });
  if (!isHigh || state.pause !== null || state.operation !== null) return turn;
  if (answering(state).length === 0 || judgement.name === 'starting') return turn;
  if (judgement.name === 'unhealthy' && (judgement.due !== null || judgement.hold !== null)) return turn;
  return wantRestart(turn, { cause: 'cpu', reason: cpuLimit(percent, policy.maxCpu), failedAt: now, lasting: true });
}
