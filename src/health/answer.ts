import type { Answer } from '../policy/observation.ts';

/** Of a body, at most this much is read. */
export const MAX_BODY_BYTES = 64 * 1024;
const EXCERPT_LENGTH = 200;

/** Failures on our side: no descriptor, no port, no memory, no name service. A restart of the backend cures none of them. */
const OWN_ERRORS = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EACCES',
  'EPERM',
]);

/** What a failed connection or a broken exchange says about the backend. */
export function answerOfError(error: Error & { code?: unknown }, latencyMs: number): Answer {
  const code = typeof error.code === 'string' ? error.code : 'UNKNOWN';
  if (code === 'ECONNREFUSED') return { kind: 'refused', latencyMs };
  if (code === 'ETIMEDOUT') return { kind: 'timeout', latencyMs };
  const ours = OWN_ERRORS.has(code) || (code.startsWith('ERR_') && !/^ERR_(TLS|SSL)/.test(code));
  return ours ? { kind: 'void', why: 'own-error', detail: `${code}: ${error.message}` } : { kind: 'broken', code, latencyMs };
}

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
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
