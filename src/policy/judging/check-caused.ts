import type { Due } from '../state.ts';

/** Checks ask for it, and what they say may yet change. */
export function isCheckCaused({ cause, lasting }: Due): boolean {
  if (lasting) return false;
  return cause === 'hang' || cause === 'unreachable' || cause === '503';
}
