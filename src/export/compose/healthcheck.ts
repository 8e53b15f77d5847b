import { checkCommand } from '../check-command.ts';
import { endpointOf } from '../endpoint.ts';
import type { Subject } from '../subject.ts';
import type { Healthcheck } from './compose-file.ts';
import { composeDuration, literal } from './compose-values.ts';

/** A check starts a process each time: not every second, but for the first success. */
const LEAST_INTERVAL_MS = 5_000;
const LEAST_START_INTERVAL_MS = 1_000;

/** The check that says 'it can serve': what others wait for, and what `docker compose ps` shows. null: none can be asked. */
export function healthcheckOf({ backend: { targets, policy }, runtime }: Subject): Healthcheck | null {
  const at = endpointOf(targets.readiness ?? targets.liveness);
  const command = at?.kind === 'http' ? checkCommand(runtime, at, policy.timeoutMs, 'ready') : null;
  if (command === null) return null;
  return {
    test: ['CMD', ...command.map(literal)],
    interval: composeDuration(Math.max(policy.intervalMs, LEAST_INTERVAL_MS)),
    timeout: composeDuration(policy.timeoutMs),
    retries: policy.failureThreshold,
    start_period: composeDuration(policy.startupTimeoutMs),
    start_interval: composeDuration(Math.max(policy.intervalMs, LEAST_START_INTERVAL_MS)),
  };
}
