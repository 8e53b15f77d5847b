import type { Cause, Policy } from '../policy.ts';
import type { Failures } from '../state.ts';

/** What a row of failures amounts to. */
export interface Verdict {
  readonly kind: 'hang' | 'silent' | 'unreachable' | 'error' | 'not-ready';
  readonly cause: Extract<Cause, 'hang' | 'unreachable' | '503'>;
}

const VERDICTS: { readonly [K in Verdict['kind']]: Verdict } = {
  hang: { kind: 'hang', cause: 'hang' },
  silent: { kind: 'silent', cause: 'hang' },
  unreachable: { kind: 'unreachable', cause: 'unreachable' },
  error: { kind: 'error', cause: 'unreachable' },
  'not-ready': { kind: 'not-ready', cause: '503' },
};

/**
 * null: fewer failures than the threshold. A hang needs `failure_threshold` timeouts with no answer in between;
 * any other mixture is what the last failure said that was no timeout.
 */
export function verdictOf(failures: Failures | null, { failureThreshold }: Policy): Verdict | null {
  if (failures === null || failures.count < failureThreshold) return null;
  return VERDICTS[failures.timeouts >= failureThreshold ? 'hang' : (failures.kind ?? 'hang')];
}
