import type { Answer } from '../../policy/observation.ts';

/** What came back in full, for whoever looks into a failure. Secrets may be in it. */
export interface WholeAnswer {
  /** As they came: name and value. */
  readonly headers: readonly (readonly [string, string])[];
  /** The first 4 KiB of the body. */
  readonly body: string;
}

const MOST_BYTES = 4 * 1024;

/** Beside the answer, not in it: what is decided upon, recorded and replayed is not to grow by it. It goes when the answer goes. */
const whole = new WeakMap<Answer, WholeAnswer>();

/** @param headers name, value, name, value … */
export function keepWhole(answer: Answer, headers: readonly string[], body: Buffer): void {
  const pairs = headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1] ?? ''] as const] : []));
  whole.set(answer, { headers: pairs, body: body.toString('utf8', 0, MOST_BYTES) });
}

/** The whole of an answer that is a failure; null: none is kept, as it is no HTTP or all was well. */
export function wholeOf(answer: Answer): WholeAnswer | null {
  return whole.get(answer) ?? null;
}

/** An answer made of another one: what came back is the same. */
export function sameWhole<T extends Answer>(made: T, of: Answer): T {
  const kept = whole.get(of);
  if (kept !== undefined) whole.set(made, kept);
  return made;
}
