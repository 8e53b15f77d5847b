import { actIn, type Invariant, rulesOf, STARTS } from './scene.ts';

/** Lines that say why something is kept down. */
const KEPT_DOWN = new Set(['hold', 'give-up', 'blocked', 'restart', 'fail', 'warn']);
const SPARE_MS = 30_000;

/** Every act has its line: each start of a process one 'restart' that no earlier start of it has used, each stop a line that says why. */
export const journalled: Invariant = ({ world }) => {
  const restartLines = new Map<string, number>();
  const usedLines = new Map<string, number>();
  const downLines = new Map<string, number>();
  return {
    on(event) {
      const now = world.clock.now();
      if (event.type === 'journal') {
        if (event.entry.what === 'restart') restartLines.set(event.backend, now);
        if (KEPT_DOWN.has(event.entry.what)) downLines.set(event.backend, now);
        return;
      }
      const act = actIn(event);
      const rules = act && rulesOf(world, act.backend);
      if (act === null || rules === null) return;
      const { backend, pmId, what } = act;
      if (STARTS.has(what) || what === 'kill') {
        const line = restartLines.get(backend) ?? Number.NEGATIVE_INFINITY;
        const longestMs = rules.instances * (rules.killTimeoutMs + rules.startupTimeoutMs + 10_000) + SPARE_MS;
        const key = `${backend} ${pmId ?? 'kill'} ${what}`;
        if (now - line > longestMs || usedLines.get(key) === line)
          world.fail(
            'every act has its line',
            backend,
            `${what} ${pmId ?? ''}: its last line of a restart is ${Math.round(now - line)} ms old`,
          );
        usedLines.set(key, line);
      } else if (!downLines.has(backend))
        world.fail('every act has its line', backend, `${what} ${pmId ?? ''}, and no line says why`);
    },
  };
};
