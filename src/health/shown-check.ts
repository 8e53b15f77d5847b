import type { CheckTarget } from '../config/resolved.ts';
import { redactUrls } from '../units/redact-urls.ts';

/** A check as people are shown it, without its secrets: a URL alone where that is all, else with what else is asked. */
export function shownCheck(check: CheckTarget): string {
  const url = redactUrls(check.url);
  if (check.kind === 'tcp') return url;
  const method = check.method === 'GET' ? '' : `${check.method} `;
  const headers = Object.keys(check.headers).join(', ');
  return `${method}${url}${headers === '' ? '' : ` (with ${headers})`}`;
}
