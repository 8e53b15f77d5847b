import { mask } from '../../units/mask.ts';

/**
 * Where a sentence of the policy quotes the last line of an error log (src/policy/telling: explainExit, crashed). What follows the line cannot
 * be told from it, and goes with it.
 */
const QUOTES: readonly RegExp[] = [
  /((?:exit code (?:\d+|unknown)|\(SIG[A-Z0-9]+\)|by SIG[A-Z0-9]+|nobody knows how)\)?): .+$/s,
  /(a restart will not cure it): .+$/s,
  /\.? Last line: .+$/s,
];

/**
 * A reason for people who have not shown the token: without the quoted line of an error log, which on disk is for its owner alone (0600).
 * Whatever else looks like a secret is masked for everybody.
 */
export function publicText(text: string): string {
  return QUOTES.reduce(
    (shown, quote) => shown.replace(quote, (_all, before: unknown) => `${typeof before === 'string' ? before : ''}.`),
    mask(text),
  );
}

export function ownersText(text: string): string {
  return mask(text);
}
