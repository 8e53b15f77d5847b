import { ask, type HttpAnswer } from '../delivery/http.ts';

/** Sends JSON. */
export function postJson(
  url: string,
  body: unknown,
  deadlineMs: number,
  { method = 'POST' as 'POST' | 'PATCH', headers = {} as Readonly<Record<string, string>> } = {},
): Promise<HttpAnswer> {
  return ask(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    deadlineMs,
  });
}
