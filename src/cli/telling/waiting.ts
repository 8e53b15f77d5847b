import type { Context } from '../context.ts';
import type { Situation } from '../looking/situation.ts';
import { elapsed } from './elapsed.ts';

/** What is waited for, in a few words: `api (starting), lifeguard (its answer)`. '' when all is well. */
export function waitedFor({ daemon, watched, backends, companions }: Situation): string {
  if (!daemon) return "PM2's daemon";
  const away = companions.filter(({ status }) => status !== 'online');
  return [
    ...backends.filter(({ verdict }) => verdict !== 'well').map(({ name, state, waits }) => `${name} (${waits ?? state})`),
    ...away.map(({ name, status }) => `${name} (${status})`),
    ...(watched || away.length > 0 ? [] : ['an answer of lifeguard']),
  ].join(', ');
}

/** Says on stderr what is waited for, each time that it is something else. */
export function waitingTeller({ tell, paint }: Pick<Context, 'tell' | 'paint'>): (situation: Situation) => void {
  const began = performance.now();
  let said = '';
  return (situation) => {
    const words = waitedFor(situation);
    if (words === said) return;
    said = words;
    const after = performance.now() - began;
    if (words !== '') tell(paint('dim', `waiting for ${words}${after < 1_000 ? '' : `, ${elapsed(after)} so far`}`));
  };
}
