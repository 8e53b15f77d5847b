import { stat } from 'node:fs/promises';
import type { Answer } from '../../policy/observation.ts';
import type { Check } from '../open-check.ts';
import { Silence } from './silence.ts';

/**
 * A heartbeat by a file that the backend writes, or touches. A beat is that it was changed since the last look: what the clocks say does
 * not matter. One that is not there (yet) was not changed.
 */
export function beatFile(file: string, pace: { withinMs: number; everyMs: number }): Check {
  const silence = new Silence(pace);
  let seen: number | null = null;
  return {
    isPaced: true,
    async ask(_deadlineMs, incarnation): Promise<Answer> {
      const changed = await changedAt(file);
      if (typeof changed === 'string') return { kind: 'misdirected', detail: `cannot see ${file} (${changed})` };
      const now = performance.now();
      if (!silence.begin(incarnation, now) && changed !== null && changed !== seen) silence.beat();
      seen = changed;
      return silence.look(now);
    },
    close() {},
  };
}

/** When it was changed last, ms; null: it is not there; a text: why it can't be seen. */
async function changedAt(file: string): Promise<number | string | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? null : code;
  }
}
