import type { Incident } from './incident.ts';

/** Who ended an incident. `dependency`: what it needs came back. `nobody`: it is not over, or its end was not seen. */
export type Cure = 'restart' | 'operator' | 'dependency' | 'itself' | 'nobody';

export function cureOf({ records, endedAt }: Incident): Cure {
  if (endedAt === null) return 'nobody';
  const last = records.findLast(({ what, reason }) => what === 'restart' || reason.code === 'dependency-down');
  if (!last) return 'itself';
  if (last.what !== 'restart') return 'dependency';
  return last.cause === 'operator' ? 'operator' : 'restart';
}

export function restartsOf({ records }: Incident): number {
  return records.filter(({ what, cause }) => what === 'restart' && cause !== 'operator').length;
}

/** Why it failed, in a word: hang, crash, 503, or what else was the case. */
export function causeOf({ records }: Incident): string {
  const [first] = records;
  return first?.cause ?? first?.reason.code ?? 'unknown';
}
