import type { Incident } from './incident.ts';

/** Parts of a text that differ from one time to the next, the most special first. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#'],
  [/\b0x[0-9a-f]+\b/gi, '#'],
  [/\b\d[\d.,:]*(?: ?(?:ms|s|min|h|d|MB|GB|KB|K|M|G))?\b/g, '#'],
];

/**
 * The same failure has the same signature, however often it happens: the backend, why, and the sentence that says so without its
 * numbers, addresses and times.
 */
export function signatureOf({ backend, records }: Incident): string {
  const [first] = records;
  if (!first) return backend;
  return [backend, first.cause ?? first.reason.code, normalised(first.reason.text)].join(' / ');
}

function normalised(text: string): string {
  return CHANGING.reduce((plain, [pattern, by]) => plain.replace(pattern, by), text)
    .replace(/\s+/g, ' ')
    .trim();
}
