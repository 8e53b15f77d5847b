import { mask } from '../../units/mask.ts';

/** What a crash's sentence ends with is the last line of its error log, as explainExit writes it. */
const QUOTED_LINE = /((?:exit code (?:\d+|unknown)|\(SIG[A-Z]+\)|by SIG[A-Z]+|nobody knows how)\)?): .+$/s;

/**
 * A reason for people who have not shown the token: without the quoted line of an error log, which on disk is for its owner alone (0600).
 * Whatever else looks like a secret is masked for everybody.
 */
export function publicText(text: string): string {
  return mask(text).replace(QUOTED_LINE, '$1.');
}

export function ownersText(text: string): string {
  return mask(text);
}
