import { createHash, timingSafeEqual } from 'node:crypto';

/** So many wrong tokens, */
const WRONG_TOKENS = 10;
/** within this, and none is looked at for the rest of it, whoever sends it: everybody on this machine has the same address. */
const WITHIN_MS = 60_000;

/** `absent`: none is configured, so nobody has it. */
export type Verdict = 'right' | 'wrong' | 'missing' | 'absent' | { readonly waitMs: number };

/** Compares in the same time whatever is sent, and not endlessly often. */
export function tokenJudge(token: string | null, now: () => number): (authorization: string | undefined) => Verdict {
  let wrong: readonly number[] = [];
  return (authorization) => {
    if (token === null) return 'absent';
    const [, sent] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
    if (sent === undefined) return 'missing';
    const at = now();
    wrong = wrong.filter((each) => at - each < WITHIN_MS);
    const [first = at] = wrong;
    if (wrong.length >= WRONG_TOKENS) return { waitMs: first + WITHIN_MS - at };
    if (timingSafeEqual(digest(sent), digest(token))) return 'right';
    wrong = [...wrong, at];
    return 'wrong';
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
