import { createInterface } from 'node:readline/promises';
import { LifeguardError } from '../errors/lifeguard-error.ts';
import type { Context } from './context.ts';

/**
 * Asks a question that only a yes answers.
 * @throws LifeguardError `usage` where nobody can be asked
 */
export async function confirmed(question: string, { tell }: Pick<Context, 'tell'>): Promise<boolean> {
  if (!process.stdin.isTTY) throw new LifeguardError('usage', `${question} Nobody can be asked here`, { hint: 'Add --yes.' });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    tell('');
    return false; // Ctrl-D
  } finally {
    terminal.close();
  }
}
