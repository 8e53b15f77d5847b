import type { Setup } from '../setup.ts';
import { close } from './incidents.ts';
import type { End, PlanState } from './state.ts';

/** Whoever was in trouble when lifeguard ended may not be any more, and nobody would say so. */
const CONFIRM_MS = 600_000;

/** At lifeguard's start: what is configured no more is over, and trouble that only lifeguard knew of has to show again. */
export function takeUp(state: PlanState, at: number, setup: Setup): void {
  const watched = new Set(setup.backends.map(({ name }) => name));
  const gone: End = { at, how: 'gone', text: 'It is not watched any more.' };
  const told = state.alerts.flatMap(({ members }) => members.map(({ incident }) => incident));
  for (const { slot, number, subject, trouble } of [...Object.values(state.open), ...told]) {
    if (number !== null && !watched.has(subject)) close(state, slot, gone, setup);
    if (trouble !== null) trouble.confirmBy ??= at + CONFIRM_MS;
  }
  state.paused = state.paused.filter((name) => watched.has(name));
}
