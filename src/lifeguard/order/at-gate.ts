import type { SeenChild } from '../../policy/event.ts';
import { childrenOf, incarnationOf, type Seen } from '../looking/picture.ts';
import type { Ports } from '../ports.ts';
import type { Watched } from '../watched.ts';

/** A process that its launcher holds back, and what for: as the end of a sentence that begins with "it". */
export interface Waiting {
  readonly incarnation: string;
  readonly gate: string;
  readonly forWhat: string;
}

/** One that was let through, and when: monotonic ms. */
export interface Through {
  readonly incarnation: string;
  readonly at: number;
}

/**
 * The backend's processes for the policy: one that waits at its gate is told apart, and one that was let through began then. A new process
 * waits unless its gate is open already, as it is after a crash.
 */
export function childrenAtGate(watched: Watched, gates: Ports['gates']): readonly SeenChild[] {
  const atGate = watched.picture.find(({ phase, gate }) => phase === 'up' && gate !== null);
  watched.waiting = atGate === undefined ? null : waitingOf(watched, atGate, gates);
  return childrenOf(watched.picture).map((child) => {
    if (watched.config.once && isDone(watched, child, gates)) return { ...child, completed: true };
    if (child.incarnation === watched.waiting?.incarnation) return { ...child, phase: 'waiting' };
    return child.incarnation === watched.through?.incarnation ? { ...child, upAt: watched.through.at } : child;
  });
}

function waitingOf({ waiting, through }: Watched, seen: Seen, gates: Ports['gates']): Waiting | null {
  const incarnation = incarnationOf(seen);
  if (seen.gate === null || through?.incarnation === incarnation) return null;
  if (waiting?.incarnation === incarnation) return waiting;
  return gates.isOpen(seen.gate) ? null : { incarnation, gate: seen.gate, forWhat: 'has just been started' };
}

/** It has ended, and left word that it ended well; in the life of this daemon, as a boot runs it again. */
function isDone({ picture }: Watched, { pmId, phase }: SeenChild, gates: Ports['gates']): boolean {
  const gate = picture.find((seen) => seen.pmId === pmId)?.gate ?? null;
  return gate !== null && (phase === 'down' || phase === 'stopped') && gates.record(gate) === 'now';
}
