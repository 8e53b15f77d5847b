import { answering } from '../children.ts';
import { memoryLimit } from '../telling/reasons.ts';
import { judged, type Turn } from '../turn.ts';
import { wantRestart } from './restart.ts';

/** Its processes take more than `max_memory`: a graceful restart, counted like any other, unless one is due already or it is just starting. */
export function recordMemory(turn: Turn, bytes: number): Turn {
  const { state, policy, now } = turn;
  const { judgement } = state;
  if (isOff(turn, bytes)) return judged(turn, { name: 'suspect', wellSince: null });
  const isLate =
    policy.maxMemoryBytes === null || bytes <= policy.maxMemoryBytes || state.pause !== null || state.operation !== null;
  if (isLate || answering(state).length === 0 || judgement.name === 'starting') return turn;
  if (judgement.name === 'unhealthy' && (judgement.due !== null || judgement.hold !== null)) return turn;
  return wantRestart(turn, { cause: 'memory', reason: memoryLimit(bytes, policy), failedAt: now, lasting: true });
}

/** It takes less again before the restart is due: what its checks say is what counts. */
function isOff({ state: { judgement }, policy: { maxMemoryBytes } }: Turn, bytes: number): boolean {
  return (
    maxMemoryBytes !== null && bytes <= maxMemoryBytes && judgement.name === 'unhealthy' && judgement.due?.cause === 'memory'
  );
}
