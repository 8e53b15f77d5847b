import type { Policy } from '../../src/policy/policy.ts';

/** The defaults of the configuration contract, as a policy. */
export const DEFAULTS: Policy = {
  instances: 1,
  isChecked: true,
  isJob: false,
  killTimeoutMs: 10_000,
  intervalMs: 1_000,
  timeoutMs: 5_000,
  failureThreshold: 3,
  successThreshold: 1,
  startupTimeoutMs: 60_000,
  retryAfterMaxMs: 60_000,
  restartOn: ['crash', 'hang', 'unreachable', '503'],
  maxRestarts: 10,
  withinMs: 600_000,
  coolDownMs: 900_000,
  backoff: { initialMs: 1_000, factor: 2, maxMs: 300_000, jitter: 0.2 },
  maxMemoryBytes: null,
  maxCpu: null,
  dependencies: [],
};
