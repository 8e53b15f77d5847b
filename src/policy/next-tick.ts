import { isCheckCaused } from './judge.ts';
import type { Policy } from './policy.ts';
import type { BackendState } from './state.ts';

/** What no time of its own is known for is looked at again this often: a hold whose reason may have gone, a wait for a dependency. */
const LOOK_AGAIN_MS = 1_000;

/** The fleet answers within half an interval; it must not be asked much later. */
const FLEET_WAIT_MS = 100;

/** In how many ms a `tick` is due because time alone may change something; null: only an event can. A tick too many does no harm. */
export function nextTickMs(state: BackendState, policy: Policy, now: number): number | null {
  const at = nextTickAt(state, policy, now);
  return at === null ? null : Math.max(0, Math.ceil(at - now));
}

function nextTickAt(state: BackendState, policy: Policy, now: number): number | null {
  const soon = now + LOOK_AGAIN_MS;
  if (state.process === 'stopping' || state.spareDueAt !== null) return Math.min(soon, state.spareDueAt ?? soon);
  switch (state.name) {
    case 'starting':
      return state.cameUpAt === null && state.startedAt + policy.startupTimeoutMs > now
        ? state.startedAt + policy.startupTimeoutMs
        : soon;
    case 'suspect':
    case 'degraded':
    case 'restarting':
      return soon;
    case 'healthy':
      return hasSomethingToSettle(state) ? soon : null;
    case 'unhealthy':
      if (state.fleet?.word === 'wait') return now + FLEET_WAIT_MS;
      if (state.due === null || state.due.at <= now) return soon;
      return isCheckCaused(state.due) ? Math.min(state.due.at, soon) : state.due.at;
    case 'exhausted':
      return policy.coolDownMs === null || policy.maxRestarts === 0 ? null : Math.max(now, state.since + policy.coolDownMs);
    case 'paused':
      return state.pause?.until ?? null;
    case 'blocked':
    case 'stopped':
      return null;
  }
}

function hasSomethingToSettle({ restarts, cure, trialSince, incident }: BackendState): boolean {
  return restarts.length > 0 || cure !== null || trialSince !== null || incident !== null;
}
