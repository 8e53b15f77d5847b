import type { Seen } from '../planning/state.ts';

const LONGEST = 160;
/** Of these the whole first sentence is what was seen. */
const WHOLE = new Set([
  'hung',
  'misconfigured',
  'memory-limit',
  'limit-reached',
  'repeated-error',
  'crashed',
  'backoff',
  'lifeguard',
  'disk-full',
]);

/** What was seen, for a headline: `answers 503, and database is down`. The journal's sentences begin with it. */
export function clauseOf({ code, text }: Pick<Seen, 'code' | 'text'>): string {
  const sentence = firstSentence(text.replace(/^It ended: /, ''));
  const seen = WHOLE.has(code) ? sentence : sentence.replace(/: .*$/s, '');
  const short = seen.replace(/, which is none of ours$/, '').replace(/^It(?= )\s*/, '');
  return cut(lowerFirst(short), LONGEST);
}

/** What stands after the first sentence: what follows from it. */
export function restOf({ text }: Pick<Seen, 'text'>): string {
  return text.slice(text.indexOf(firstSentence(text)) + firstSentence(text).length).replace(/^\.\s*/, '');
}

function firstSentence(text: string): string {
  return /^(.+?)(?:\.\s+(?=[A-Z0-9])|\.?$)/s.exec(text)?.[1] ?? text;
}

/** At most so many characters, as JavaScript and most services count them; what is missing is seen. No letter is torn. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function lowerFirst(text: string): string {
  return /^(It|Its|How|An?|The|One)\b/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
