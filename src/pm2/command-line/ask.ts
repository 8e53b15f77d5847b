import { createInterface } from 'node:readline/promises';
import type { Adopt } from '../launch/take-over.ts';

/** `yes`: nobody is asked. Else whoever sits at the terminal is; where there is none, nobody can be. */
export function adoptAsking(yes: boolean): Adopt {
  if (yes) return { confirm: async () => true };
  return { confirm: process.stdin.isTTY && process.stderr.isTTY ? agreed : null };
}

/** Asks at the terminal a question that only a yes answers; its end (Ctrl-D) is none. */
export async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } catch {
    process.stderr.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
