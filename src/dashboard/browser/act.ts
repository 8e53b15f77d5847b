const TOKEN = 'lifeguard-token';

/** What a request is sent with once the token was given; null: it was not. Kept for this tab alone, and for no longer. */
export function authorized(): Record<string, string> | null {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? null : { authorization: `Bearer ${token}` };
}

/** @returns what was wrong with it; null: it is kept from now on */
export async function giveToken(token: string): Promise<string | null> {
  const response = await fetch('api/token', { headers: { authorization: `Bearer ${token}` } }).catch(() => null);
  if (!response?.ok) return errorOf(response);
  sessionStorage.setItem(TOKEN, token);
  return null;
}

export function forgetToken(): void {
  sessionStorage.removeItem(TOKEN);
}

export interface Act {
  readonly action: string;
  /** A backend or an alert. */
  readonly on?: string;
  readonly for?: string;
}

/** Has lifeguard do something. @returns what became of it, for people */
export async function act(what: Act): Promise<{ readonly ok: boolean; readonly text: string }> {
  const response = await fetch('api/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorized() },
    body: JSON.stringify(what),
  }).catch(() => null);
  const done = [what.action, what.on, what.for && `for ${what.for}`].filter(Boolean).join(' ');
  if (response?.ok) return { ok: true, text: `${done}: done` };
  return { ok: false, text: `${done}: ${await errorOf(response)}` };
}

/** Something to read. @throws Error with what the server said */
export async function read<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: authorized() ?? {} });
  if (!response.ok) throw new Error(await errorOf(response));
  return (await response.json()) as T;
}

async function errorOf(response: Response | null): Promise<string> {
  if (response === null) return 'lifeguard does not answer';
  const body = (await response.json().catch(() => ({}))) as { error?: unknown };
  return typeof body.error === 'string' ? body.error : `status ${response.status}`;
}
