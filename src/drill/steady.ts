import type { WatchedBackend } from '../config/resolved.ts';
import type { BackendStatus } from '../lifeguard/status.ts';
import type { Fault } from './fault.ts';

/**
 * Why a backend is in no state for a drill; null: it is. Pure.
 * A drill on what is not well would make it worse, and could not tell whose restart it saw.
 */
export function unsteady(status: BackendStatus | null): string | null {
  if (status === null) return 'lifeguard does not answer';
  if (status.policy.state !== 'healthy') return `it is ${status.policy.state}, not healthy`;
  if (status.policy.incident !== null) return 'it is in the middle of an incident';
  if (status.policy.restarts > 0)
    return `it was restarted ${status.policy.restarts === 1 ? 'once' : `${status.policy.restarts} times`} lately, and the drill would not know whose restarts it gives back (npx lifeguard reset ${status.name} forgets them)`;
  const down = status.dependencies.find(({ up }) => up === false);
  return down === undefined ? null : `it needs ${down.name}, which is down`;
}

/** Why nothing would come of this fault, as the backend is configured; null: something would. Pure. */
export function unfit({ policy, targets }: Pick<WatchedBackend, 'policy' | 'targets'>, fault: Fault): string | null {
  const { cause, showsInChecks } = fault;
  if (cause !== null && cause !== 'memory' && !(policy.restartOn as readonly string[]).includes(cause))
    return `restart.on does not name ${cause}: nothing would be done about it`;
  if (policy.maxRestarts < 2) return 'max_restarts leaves no restart to spare';
  return targets.liveness === null && showsInChecks ? 'nothing is asked for its health, so nobody would notice' : null;
}
