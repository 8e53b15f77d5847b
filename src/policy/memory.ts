import { memoryLimit } from './reasons.ts';
import { wantRestart } from './restart.ts';
import type { Turn } from './turn.ts';

/** Its processes take more than `max_memory`: a graceful restart, counted like any other, unless one is due already. */
export function exceedMemory(turn: Turn, bytes: number): Turn {
  if (turn.state.due !== null || turn.state.process !== 'up') return turn;
  return wantRestart(turn, { cause: 'memory', how: 'restart', reason: memoryLimit(bytes, turn.policy), failedAt: turn.now });
}
