import type { Event } from '../event.ts';
import { cpuLimit } from '../telling/reasons.ts';
import type { Turn } from '../turn.ts';
import { recordUsage } from './usage.ts';

/** Its processes take so much of the processor, and have been at `max_cpu` or above for so long. */
export function recordCpu(turn: Turn, { percent, highForMs }: Extract<Event, { type: 'cpu' }>): Turn {
  const { maxCpu } = turn.policy;
  if (maxCpu === null) return turn;
  return recordUsage(turn, {
    cause: 'cpu',
    is: highForMs >= maxCpu.forMs ? 'over' : highForMs === 0 ? 'below' : 'between',
    reason: cpuLimit(percent, maxCpu),
  });
}
