import type { BackendStatus } from '../../lifeguard/status.ts';
import type { Summary } from '../../policy/telling/summary.ts';
import { conditionOf } from '../condition.ts';
import { SLOTS_A_DAY, type Slot } from '../history/slot.ts';
import type { BackendView, Bar } from '../view.ts';

const NOTHING: Bar = [0, 0, 0, 0, null];

/** One backend for the page. `slots`: of the last 24 hours, those that are known. `textFor`: what of a sentence may be shown. */
export function backendView(
  { name, port, policy, lastCheck, waitsFor, checks, dependencies }: BackendStatus,
  slots: readonly Slot[],
  { wallNow, lastSlot, textFor }: { wallNow: number; lastSlot: number; textFor: (text: string) => string },
): BackendView {
  const reason = waitsFor === null ? reasonOf(policy) : `it ${waitsFor}`;
  return {
    name,
    port,
    state: policy.state,
    condition: conditionOf(policy.state),
    since: nearest(wallNow - policy.forMs),
    reason: reason === null ? null : textFor(reason),
    dueAt: policy.dueInMs === null ? null : nearest(wallNow + policy.dueInMs),
    lastCheck: lastCheck && (lastCheck.readiness ?? lastCheck.liveness),
    p50Ms: checks.p50,
    p95Ms: checks.p95,
    p99Ms: checks.p99,
    restarts: policy.restarts,
    maxRestarts: policy.maxRestarts,
    dependencies: dependencies.map(({ name: dependency, up }) => ({ name: dependency, up })),
    incident: policy.incident === null ? null : `${name}-${policy.incident}`,
    bars: barsOf(slots, lastSlot, SLOTS_A_DAY),
  };
}

/** So many bars up to `last`, oldest first; nothing where nothing is known. */
export function barsOf(slots: readonly Slot[], last: number, count: number): Bar[] {
  const bySlot = new Map(slots.map((slot) => [slot.slot, slot]));
  return Array.from({ length: count }, (_, i) => barOf(bySlot.get(last - count + 1 + i)));
}

function barOf(slot: Slot | undefined): Bar {
  if (slot === undefined) return NOTHING;
  return [Math.round(slot.wellS), Math.round(slot.impairedS), Math.round(slot.downS), slot.restarts, slot.p95Ms];
}

function reasonOf({ state, held, lastFailure, lastError, dependenciesDown }: Summary): string | null {
  if (held !== null) return held;
  if (state === 'healthy' || state === 'stopped' || state === 'paused' || state === 'unchecked' || state === 'completed')
    return null;
  if (dependenciesDown.length > 0) return `${dependenciesDown.join(', ')} ${dependenciesDown.length === 1 ? 'is' : 'are'} down`;
  return lastFailure ?? (lastError && `it ended with the same error ${lastError.times} times in a row`);
}

/** Ages come to the same moment at each look, but for a few ms: what differs by that is no news. */
function nearest(ms: number): number {
  return Math.round(ms / 1_000) * 1_000;
}
