/** Of a body, at most this much is read. */
export const MAX_BODY_BYTES = 64 * 1024;
/** JSON that is nested deeper is none: whoever walks through it later must not run out of stack. */
const MAX_DEPTH = 64;
const EXCERPT_LENGTH = 200;

/** The body as the policy and people want it: JSON if it is a whole object or array, and its first 200 characters, without control characters. */
export function readBody(body: Buffer, whole: boolean): { json: unknown; excerpt: string } {
  const text = body.toString('utf8');
  const excerpt = text
    .slice(0, EXCERPT_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, '')
    .replace(/\p{Cc}+/gu, ' ');
  return { json: whole && /^\s*[{[]/.test(text) ? parsed(text) : null, excerpt };
}

function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return isDeeper(value, MAX_DEPTH) ? null : value;
  } catch {
    return null;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
