import type { CheckTarget } from '../config/resolved.ts';
import { redactCommand } from '../host/command-line.ts';
import { formatDuration } from '../units/duration.ts';
import { redactUrls } from '../units/redact-urls.ts';

/** A check as people are shown it, without its secrets: a URL alone where that is all, else with what else is asked. */
export function shownCheck(check: CheckTarget): string {
  if (check.kind === 'command') return redactCommand([check.program, ...check.args]);
  if (check.kind === 'grpc') return `grpc://${check.host}:${check.port}/${check.service}`;
  if (check.kind === 'heartbeat') return `a heartbeat within ${formatDuration(check.withinMs)}`;
  const url = redactUrls(check.url);
  if (check.kind === 'tcp') return url;
  const method = check.method === 'GET' ? '' : `${check.method} `;
  const headers = Object.keys(check.headers).join(', ');
  return `${method}${url}${headers === '' ? '' : ` (with ${headers})`}`;
}
