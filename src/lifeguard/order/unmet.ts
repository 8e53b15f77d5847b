import type { Dependency } from '../../config/resolved.ts';
import type { DependencyAnswer } from '../../health/dependency-answer.ts';
import { answering, serves } from '../../policy/children.ts';
import type { BackendState } from '../../policy/state.ts';

/** What is known of a dependency: of another backend its state (null: it is not watched), of anything else its answer. */
export type Known =
  | { readonly is: 'backend'; readonly backend: string; readonly state: BackendState | null }
  | { readonly is: 'other'; readonly answer: DependencyAnswer };

/** What of a condition is not fulfilled yet, as the end of a sentence that begins with "it"; null: it is. */
export function unmet({ name, start }: Dependency, known: Known): string | null {
  if (start === null) return null;
  if (known.is === 'other') return known.answer.up ? null : `waits for ${name} (${known.answer.detail})`;
  const { backend, state } = known;
  if (state === null) return `waits for ${backend}, which is not running here`;
  if (isFulfilled(start, state)) return null;
  const now = state.name === 'unchecked' ? 'running' : state.name;
  return `waits until ${backend} ${start === 'healthy' ? 'is' : 'has'} ${start}; it is ${now}`;
}

function isFulfilled(start: NonNullable<Dependency['start']>, state: BackendState): boolean {
  switch (start) {
    case 'healthy':
      return serves(state);
    case 'started':
      return answering(state).length > 0 || state.name === 'completed';
    case 'completed':
      return state.name === 'completed';
  }
}
