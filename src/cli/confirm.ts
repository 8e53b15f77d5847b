import { LifeguardError } from '../errors/lifeguard-error.ts';
import { agreed } from '../pm2/command-line/ask.ts';

/**
 * Asks a question that only a yes answers.
 * @throws LifeguardError `usage` where nobody can be asked
 */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new LifeguardError('usage', `${question} Nobody can be asked here`, { hint: 'Add --yes.' });
  return agreed(question);
}
