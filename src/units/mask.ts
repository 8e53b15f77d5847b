import { redactUrls } from './redact-urls.ts';

/** `password=…`, `"api_key": "…"`, `Authorization: Bearer …`: what follows is nobody's business. */
const NAMED =
  /((?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)["']?\s*[=:]\s*["']?)(?!\*\*\*)[^\s"',;&]+/gi;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;

/** Text for people without what looks like a secret, and without control characters. */
export function mask(text: string): string {
  return redactUrls(text.replace(/[^\P{Cc}\n]+/gu, ' '))
    .replace(BEARER, '$1 ***')
    .replace(NAMED, '$1***');
}
