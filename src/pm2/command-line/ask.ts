import { createInterface } from 'node:readline/promises';
import type { Adopt } from '../launch/take-over.ts';

/** `yes`: nobody is asked. Else whoever sits at the terminal is; where there is none, nobody can be. */
export function adoptAsking(yes: boolean): Adopt {
  if (yes) return { confirm: async () => true };
  return { confirm: process.stdin.isTTY && process.stderr.isTTY ? ask : null };
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
