import { memoryLimit } from '../telling/reasons.ts';
import type { Turn } from '../turn.ts';
import { recordUsage } from './usage.ts';

/** Its processes take so much memory, of `max_memory`. */
export function recordMemory(turn: Turn, bytes: number): Turn {
  const { maxMemoryBytes } = turn.policy;
  if (maxMemoryBytes === null) return turn;
  return recordUsage(turn, {
    cause: 'memory',
    is: bytes > maxMemoryBytes ? 'over' : 'below',
    reason: memoryLimit(bytes, turn.policy),
  });
}
