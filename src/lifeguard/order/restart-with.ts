import { neededBackend } from '../../pm2/apps/start-order.ts';
import type { Reason } from '../../policy/action.ts';
import { answering, serves } from '../../policy/children.ts';
import type { BackendState } from '../../policy/state.ts';
import { incarnationOf } from '../looking/picture.ts';
import type { Desk, Watched } from '../watched.ts';

/** PM2 starts what starts together within this, and not always in its order. */
const TOGETHER_MS = 2_000;

/**
 * Restarts those that asked to be restarted with what they depend on, as soon as that is well again: whoever is older than all processes of
 * it. So it is once, whoever restarted it, and whether lifeguard was there or not.
 */
export function restartWith(desk: Desk): () => void {
  const asking = [...desk.watched.values()].filter(({ config }) => config.dependencies.some((one) => one.restartWith));

  function outlived(watched: Watched, state: BackendState): Reason | null {
    const own = Math.min(...answering(state).map(({ upAt }) => upAt));
    for (const { name, check, restartWith: isAsked } of watched.config.dependencies) {
      const other = isAsked ? desk.watched.get(neededBackend(check) ?? '') : undefined;
      if (other === undefined) continue;
      const otherState = desk.stateOf(other);
      if (otherState.operation === null && serves(otherState) && oldestOf(other, otherState) > own + TOGETHER_MS)
        return {
          code: 'dependency-restarted',
          text: `${name} was restarted: it is restarted with it, as restart_with asks for.`,
        };
    }
    return null;
  }

  return () => {
    const now = desk.ports.clock.now();
    for (const watched of asking) {
      const state = desk.stateOf(watched);
      const isBusy = state.operation !== null || state.restartAsked !== false || (state.retryAt !== null && now < state.retryAt);
      if (isBusy || state.pause !== null || answering(state).length === 0) continue;
      const reason = outlived(watched, state);
      if (reason !== null) desk.tell(watched, { type: 'command', command: { name: 'restart', reason } });
    }
  };
}

/** When the oldest of its processes was started: what it waited for after that is nothing to others. */
function oldestOf({ picture }: Watched, state: BackendState): number {
  const present = new Set(answering(state).map(({ incarnation }) => incarnation));
  return Math.min(...picture.flatMap((seen) => (present.has(incarnationOf(seen)) ? [seen.upAt] : [])));
}
