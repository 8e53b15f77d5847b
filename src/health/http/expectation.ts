import { isDeepStrictEqual } from 'node:util';
import type { Expectation } from '../../config/resolved.ts';
import type { Answer } from '../../policy/observation.ts';

type Answered = Extract<Answer, { kind: 'answer' }>;

const MAX_SHOWN = 40;

/**
 * Whether an answer is as it is expected. A status that is expected makes a success of it, whatever it is. Of any other from 400 on
 * nothing is said: it is judged as it always is, so that a 404 is never a reason to restart, and a 503 never anything else than one.
 * @param body what was read of it, 64 KiB at most
 */
export function metBy({ status, json }: Answered, expect: Expectation, body: string): Answered['expected'] {
  if (expect.status !== null && !expect.status.includes(status)) {
    return status >= 400 ? undefined : unmet(`${expect.status.join(' or ')} is expected`);
  }
  if (expect.status === null && status >= 400) return undefined;
  if (expect.body !== null && !body.includes(expect.body)) return unmet(`its body has no ${shown(expect.body)}`);
  const different = expect.json === null ? null : difference(expect.json, json, '');
  return different === null ? { met: true } : unmet(different);
}

/** The first place where the found value lacks what is wanted. Keys that are not asked for may be there; lists must be the same. */
function difference(wanted: unknown, found: unknown, path: string): string | null {
  if (!isMap(wanted)) {
    if (isDeepStrictEqual(wanted, found)) return null;
    return `${path} of its body is ${found === undefined ? 'missing' : shown(found)}, where ${shown(wanted)} is expected`;
  }
  if (!isMap(found)) return `${path === '' ? 'its body' : `${path} of its body`} is no JSON object`;
  for (const [key, value] of Object.entries(wanted)) {
    const inner = Object.hasOwn(found, key) ? found[key] : undefined;
    const different = difference(value, inner, path === '' ? key : `${path}.${key}`);
    if (different !== null) return different;
  }
  return null;
}

function unmet(detail: string): Answered['expected'] {
  return { met: false, detail };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
